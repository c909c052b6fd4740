fauxka reset
fauxka fault add --api Produce --topic orders --nth 1 --after error=REQUEST_TIMED_OUT > /dev/null
echo order-1 | kcat -P -b 127.0.0.1:9092 -t orders
kcat -C -b 127.0.0.1:9092 -t orders -e -q
