module github.com/fauxka/fauxka/broker/packages/go/binary/linux_arm64

go 1.22
