module github.com/fauxka/fauxka/broker/packages/go

go 1.22

require (
	github.com/fauxka/fauxka/broker/packages/go/binary/linux_amd64 v0.1.0
	github.com/fauxka/fauxka/broker/packages/go/binary/linux_arm64 v0.1.0
)

// In a checkout. Whoever depends on this module gets those that were packed with it.
replace (
	github.com/fauxka/fauxka/broker/packages/go/binary/linux_amd64 => ./binary/linux_amd64
	github.com/fauxka/fauxka/broker/packages/go/binary/linux_arm64 => ./binary/linux_arm64
)
