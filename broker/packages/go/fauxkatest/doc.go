// Package fauxkatest gives each test a cluster of Fauxka, an emulator of Apache Kafka:
//
//	func TestOrderIsPlacedOnce(t *testing.T) {
//		t.Parallel()
//		kafka := fauxkatest.Run(t, fauxka.WithTopics("orders"))
//		kafka.Fault(fauxka.Rule{
//			API: fauxka.Produce, Topic: "orders", Nth: 1,
//			AfterApply: fauxka.Disconnect, Expect: fauxka.Times(1),
//		})
//		placeOrder(t, kafka.Brokers())
//		if orders := kafka.Records("orders"); len(orders) != 1 {
//			t.Errorf("%d orders", len(orders))
//		}
//	}
//
// When the test and its subtests are over, a test whose fault rules have not acted as often as expected fails, and any test
// that fails reports the cluster's seed, its fault rules, and the end of its journal. Then the cluster ends.
//
// The methods of a cluster fail the test when the control port refuses something, as by t.Fatal: call them in the goroutine of
// the test. Control has the same and more with contexts and errors, for any goroutine.
package fauxkatest
