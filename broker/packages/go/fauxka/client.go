package fauxka

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Client asks the control port of a running cluster. It is safe for concurrent use.
//
// How long a call may take is up to its context, and to the timeout of the operations that wait.
type Client struct {
	base  string
	token string
	http  *http.Client
}

// NewClient is a client of the control port at an address such as http://127.0.0.1:9700. The token is what the cluster was
// started with, or "" if that was none.
func NewClient(address, token string) *Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	// No proxy: the environment's is for the world outside.
	transport := &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second}
	return &Client{base: strings.TrimSuffix(address, "/"), token: token, http: &http.Client{Transport: transport}}
}

// ControlURL is the control port's address.
func (client *Client) ControlURL() string { return client.base }

// Close closes connections that no call uses.
func (client *Client) Close() { client.http.CloseIdleConnections() }

// Refusal is the error of a call that the control port refused. Find it with errors.As.
type Refusal struct {
	// Method and Path are what was asked.
	Method, Path string
	// Status is the HTTP status.
	Status int
	// Message says what is wrong, and how to fix it.
	Message string
	// Kafka is the error that a Kafka client gets for the same request, if it gets one.
	Kafka *KafkaError
}

func (refusal *Refusal) Error() string {
	return fmt.Sprintf("%s %s: %s (status %d)", refusal.Method, refusal.Path, refusal.Message, refusal.Status)
}

// Code is the name of Kafka's error, or "" if there is none.
func (refusal *Refusal) Code() ErrorCode {
	if refusal.Kafka == nil {
		return ""
	}
	return ErrorCode(refusal.Kafka.Name)
}

type request struct {
	method, path string
	query        url.Values
	body         any
}

// Do asks for what no method of the client is for: a body is sent as JSON (or as it is, if it is []byte), and the answer is
// read into answer as JSON (or as it is, into a *string or *[]byte). Either may be nil.
func (client *Client) Do(ctx context.Context, method, path string, body, answer any) error {
	return client.send(ctx, request{method, path, nil, body}, answer)
}

func (client *Client) send(ctx context.Context, asked request, answer any) error {
	response, err := client.open(ctx, asked, "application/json")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("%s %s: the answer ends early: %w", asked.method, asked.path, err)
	}
	if err := into(answer, data); err != nil {
		return fmt.Errorf("%s %s: %w in %.200q", asked.method, asked.path, err, data)
	}
	return nil
}

func into(answer any, data []byte) error {
	switch answer := answer.(type) {
	case nil:
		return nil
	case *string:
		*answer = string(data)
		return nil
	case *[]byte:
		*answer = data
		return nil
	default:
		return json.Unmarshal(data, answer)
	}
}

// open sends a request; the answer is one of success.
func (client *Client) open(ctx context.Context, asked request, accept string) (*http.Response, error) {
	body, kind, err := encoded(asked.body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", asked.method, asked.path, err)
	}
	address := client.base + asked.path
	if len(asked.query) > 0 {
		address += "?" + asked.query.Encode()
	}
	sent, err := http.NewRequestWithContext(ctx, asked.method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	sent.Header.Set("Content-Type", kind)
	sent.Header.Set("Accept", accept)
	if client.token != "" {
		sent.Header.Set("Authorization", "Bearer "+client.token)
	}
	response, err := client.http.Do(sent)
	if err != nil {
		return nil, fmt.Errorf("the control port does not answer: %w", err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		defer response.Body.Close()
		return nil, refusalOf(asked, response)
	}
	return response, nil
}

func encoded(body any) (data []byte, kind string, err error) {
	switch body := body.(type) {
	case nil:
		return nil, "application/json", nil
	case []byte:
		return body, "application/octet-stream", nil
	default:
		data, err = json.Marshal(body)
		return data, "application/json", err
	}
}

func refusalOf(asked request, response *http.Response) error {
	data, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	refusal := &Refusal{Method: asked.method, Path: asked.path, Status: response.StatusCode}
	var body refused
	if json.Unmarshal(data, &body) == nil && body.Error != "" {
		refusal.Message, refusal.Kafka = body.Error, body.Kafka
		return refusal
	}
	refusal.Message = strings.TrimSpace(string(data))
	return errors.Join(refusal, err)
}

// IsRefused says whether an error is a refusal of the control port, with this status.
func IsRefused(err error, status int) bool {
	var refusal *Refusal
	return errors.As(err, &refusal) && refusal.Status == status
}
