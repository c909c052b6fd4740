package fauxka

import binary "github.com/fauxka/fauxka/broker/packages/go/binary/linux_arm64"

func packed() (compressed []byte, sha256 string, isThere bool) { return binary.Program() }
