// Starts a cluster with the arguments that it gets, and prints what came of it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/fauxka/fauxka/broker/packages/go/fauxka"
)

func main() {
	ctx := context.Background()
	cluster, err := fauxka.Start(ctx, fauxka.WithArgs(os.Args[1:]...), fauxka.WithStartTimeout(5*time.Second))
	if err != nil {
		var failed *fauxka.StartError
		fmt.Printf("start error: %v, no binary: %v\n%v\n", errors.As(err, &failed), errors.Is(err, fauxka.ErrNoBinary), err)
		os.Exit(1)
	}
	view, err := cluster.GetCluster(ctx)
	if err != nil {
		panic(err)
	}
	if err := cluster.Stop(ctx); err != nil {
		panic(err)
	}
	fmt.Printf("ready, version %s\n", view.Version)
}
