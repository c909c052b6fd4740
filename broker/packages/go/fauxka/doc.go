// Package fauxka starts clusters of Fauxka, an emulator of Apache Kafka for tests, and controls them: fault rules, the clock,
// the journal, and all else that the control port has.
//
// In tests you want package fauxkatest, which starts a cluster per test, verifies what you expected of fault rules, and
// reports what happened when a test fails. This package is for all other programs:
//
//	cluster, err := fauxka.Start(ctx, fauxka.WithTopics("orders:3"))
//	if err != nil {
//		return err
//	}
//	defer cluster.Stop(ctx)
//	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.Brokers()...))
//
// A Cluster has the methods of a Client, one for each operation of the control port. When the control port refuses
// something, the error is a *Refusal.
package fauxka
