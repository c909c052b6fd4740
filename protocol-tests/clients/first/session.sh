kcat -G workers -b 127.0.0.1:9092 -X client.id=worker-1 orders 2> /dev/null &
fauxka journal wait --kind group_state --group workers --count 3 > /dev/null
kill -9 $!
fauxka clock advance 45s --silent worker-1
fauxka journal --kind group_state
