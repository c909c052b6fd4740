module github.com/fauxka/fauxka/broker/packages/go/binary/linux_amd64

go 1.22
