// What AWS's signer for Go, franz-go and kafka-go make of a key: arguments are region, key id, secret, session token, hosts.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"runtime/debug"
	"time"

	"github.com/aws/aws-msk-iam-sasl-signer-go/signer"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/aws_msk_iam_v2"
	franz "github.com/twmb/franz-go/pkg/sasl/aws"
)

type credentials aws.Credentials

func (c credentials) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials(c), nil
}

func say(name, module, mechanism string, sent []byte, err error) {
	if err != nil {
		log.Fatal(name, ": ", err)
	}
	info, _ := debug.ReadBuildInfo()
	for _, dep := range info.Deps {
		if dep.Path == module {
			fmt.Printf("%s-%s %s %s\n", name, dep.Version[1:], mechanism, sent)
		}
	}
}

func main() {
	region, id, secret, session, hosts := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5:]
	ctx := context.Background()
	for _, token := range []string{"", session} {
		known := credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: token}
		signed, _, err := signer.GenerateAuthTokenFromCredentialsProvider(ctx, region, known)
		say("aws-msk-iam-sasl-signer-go", "github.com/aws/aws-msk-iam-sasl-signer-go", "OAUTHBEARER", []byte(signed), err)
		for _, host := range hosts {
			auth := franz.Auth{AccessKey: id, SecretKey: secret, SessionToken: token, UserAgent: "franz-go"}
			_, sent, err := auth.AsManagedStreamingIAMMechanism().Authenticate(ctx, host+":9098")
			say("franz-go", "github.com/twmb/franz-go", "AWS_MSK_IAM", sent, err)
			mechanism := aws_msk_iam_v2.NewMechanism(aws.Config{Region: region, Credentials: known})
			mechanism.SignTime = time.Now()
			_, sent, err = mechanism.Start(sasl.WithMetadata(ctx, &sasl.Metadata{Host: host, Port: 9098}))
			say("kafka-go", "github.com/segmentio/kafka-go", "AWS_MSK_IAM", sent, err)
		}
	}
}
