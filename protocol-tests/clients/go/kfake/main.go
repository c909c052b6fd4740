// kfake (franz-go's fake cluster) as a program, for `make bench`: one broker in memory, on a free port of 127.0.0.1.
package main

import (
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kfake"
)

func main() {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("READY bootstrap=%s\n", cluster.ListenAddrs()[0])
	select {}
}
