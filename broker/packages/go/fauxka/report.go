package fauxka

import (
	"context"
	"fmt"
	"strings"
)

// Unmet is the error of fault rules that have not acted as often as expected.
type Unmet struct {
	// Report has them, and what else happened.
	Report *Report
}

func (unmet *Unmet) Error() string {
	return strings.Join(unmet.Report.Unmet, "\n") + "\n" + unmet.Report.Text()
}

// Verify is an *Unmet if a fault rule has not acted as often as it was expected to.
func (client *Client) Verify(ctx context.Context) error {
	report, err := client.GetReport(ctx)
	if err != nil {
		return err
	}
	if len(report.Unmet) > 0 {
		return &Unmet{report}
	}
	return nil
}

// Text is what helps to find out why a test failed: the seed, the fault rules, and the end of the journal.
func (report *Report) Text() string {
	var text strings.Builder
	fmt.Fprintf(&text, "seed %d\n", report.Seed)
	list(&text, "rules:", report.Rules)
	list(&text, "the journal ends with:", report.Journal)
	return strings.TrimSuffix(text.String(), "\n")
}

func list(text *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintln(text, title)
	for _, line := range lines {
		fmt.Fprintf(text, "  %s\n", line)
	}
}
