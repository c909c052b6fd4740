package fauxka

import "context"

// More than a partition of a test has.
const mostRecords = 1_000_000

// TopicRecord is a record with its partition.
type TopicRecord struct {
	Partition int32
	Record
}

// Records is what clients have written to a topic, by partition and offset: also records of transactions that are open or
// aborted, and no transaction markers. GetRecords has these, the batches, and parts of a partition.
func (client *Client) Records(ctx context.Context, topic string) ([]TopicRecord, error) {
	view, err := client.GetTopic(ctx, topic)
	if err != nil {
		return nil, err
	}
	found := []TopicRecord{}
	for _, partition := range view.Partitions {
		contents, err := client.GetRecords(ctx, topic, partition.Partition, GetRecordsQuery{Max: mostRecords})
		if err != nil {
			return nil, err
		}
		for _, record := range contents.Records {
			if record.Marker == nil {
				found = append(found, TopicRecord{partition.Partition, record})
			}
		}
	}
	return found, nil
}
