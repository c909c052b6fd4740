// franz-go on a listener with TLS, under the contract of ../../README.md.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// A client that is refused gives up within this time.
const patience = 15 * time.Second

var values = []string{"one", "two", "three"}

type told struct{ bootstrap, topic, protocol, stores, ca, certificate, mechanism, user, password string }

func main() {
	log.SetFlags(0)
	var told told
	flags := flag.NewFlagSet("secured", flag.ExitOnError)
	for name, value := range map[string]*string{
		"bootstrap": &told.bootstrap, "topic": &told.topic, "protocol": &told.protocol, "stores": &told.stores, "ca": &told.ca,
		"certificate": &told.certificate, "mechanism": &told.mechanism, "user": &told.user, "password": &told.password,
	} {
		flags.StringVar(value, name, "", "")
	}
	_ = flags.Parse(os.Args[2:])
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	wanted := trip
	if os.Args[1] == "denied" {
		wanted = denied
	}
	read, err := wanted(ctx, told)
	if err != nil {
		log.Fatal(err)
	}
	for _, value := range read {
		fmt.Println(value)
	}
}

func trip(ctx context.Context, told told) ([]string, error) {
	options, err := told.options()
	if err != nil {
		return nil, err
	}
	start := map[string]map[int32]kgo.Offset{told.topic: {0: kgo.NewOffset().AtStart()}}
	client, err := kgo.NewClient(append(options, kgo.ConsumePartitions(start))...)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	for _, value := range values {
		if err := client.ProduceSync(ctx, &kgo.Record{Topic: told.topic, Value: []byte(value)}).FirstErr(); err != nil {
			return nil, err
		}
	}
	var read []string
	for len(read) < len(values) {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, err
		}
		fetches.EachRecord(func(record *kgo.Record) { read = append(read, string(record.Value)) })
	}
	return read, nil
}

func (t told) options() ([]kgo.Opt, error) {
	authority, err := os.ReadFile(t.ca)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	config := &tls.Config{RootCAs: pool}
	if t.certificate != "" {
		pair, err := tls.LoadX509KeyPair(t.certificate, t.certificate)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	options := []kgo.Opt{kgo.SeedBrokers(t.bootstrap), kgo.DialTLSConfig(config)}
	if t.mechanism != "" {
		options = append(options, kgo.SASL(t.login()))
	}
	return options, nil
}

func (t told) login() sasl.Mechanism {
	auth := scram.Auth{User: t.user, Pass: t.password}
	if t.mechanism == "SCRAM-SHA-256" {
		return auth.AsSha256Mechanism()
	}
	return auth.AsSha512Mechanism()
}
