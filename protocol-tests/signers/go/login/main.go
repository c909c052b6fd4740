// Logs in with published clients for Go, produces one record and prints where it is. Arguments: the client, bootstrap servers, region, key id, secret,
// session token (empty for none).
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/IBM/sarama"
	"github.com/aws/aws-msk-iam-sasl-signer-go/signer"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl/aws_msk_iam_v2"
	"github.com/twmb/franz-go/pkg/kgo"
	franz "github.com/twmb/franz-go/pkg/sasl/aws"
)

const topic = "logins"

type credentials aws.Credentials

func (c credentials) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials(c), nil
}

type tokens struct {
	region string
	key    credentials
}

func (t tokens) Token() (*sarama.AccessToken, error) {
	token, _, err := signer.GenerateAuthTokenFromCredentialsProvider(context.Background(), t.region, t.key)
	return &sarama.AccessToken{Token: token}, err
}

func main() {
	client, bootstrap, region := os.Args[1], os.Args[2], os.Args[3]
	key := credentials{AccessKeyID: os.Args[4], SecretAccessKey: os.Args[5], SessionToken: os.Args[6]}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	produce := map[string]func(context.Context, string, string, credentials) (int64, error){
		"franz-go": withFranz, "kafka-go": withKafkaGo, "sarama": withSarama,
	}[client]
	offset, err := produce(ctx, bootstrap, region, key)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(offset)
}

func withFranz(ctx context.Context, bootstrap, _ string, key credentials) (int64, error) {
	auth := franz.Auth{AccessKey: key.AccessKeyID, SecretKey: key.SecretAccessKey, SessionToken: key.SessionToken}
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.SASL(auth.AsManagedStreamingIAMMechanism()))
	if err != nil {
		return 0, err
	}
	defer client.Close()
	record, err := client.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte("franz-go")}).First()
	if err != nil {
		return 0, err
	}
	return record.Offset, nil
}

func withKafkaGo(ctx context.Context, bootstrap, region string, key credentials) (int64, error) {
	mechanism := aws_msk_iam_v2.NewMechanism(aws.Config{Region: region, Credentials: key})
	dialer := &kafka.Dialer{SASLMechanism: mechanism, DualStack: true}
	connection, err := dialer.DialLeader(ctx, "tcp", bootstrap, topic, 0)
	if err != nil {
		return 0, err
	}
	defer connection.Close()
	_, _, offset, _, err := connection.WriteCompressedMessagesAt(nil, kafka.Message{Value: []byte("kafka-go")})
	return offset, err
}

func withSarama(_ context.Context, bootstrap, region string, key credentials) (int64, error) {
	config := sarama.NewConfig()
	config.Producer.Return.Successes = true
	config.Metadata.Retry.Max = 0
	config.Net.SASL.Enable = true
	config.Net.SASL.Mechanism = sarama.SASLTypeOAuth
	config.Net.SASL.TokenProvider = tokens{region, key}
	producer, err := sarama.NewSyncProducer([]string{bootstrap}, config)
	if err != nil {
		return 0, err
	}
	defer producer.Close()
	_, offset, err := producer.SendMessage(&sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder("sarama")})
	return offset, err
}
