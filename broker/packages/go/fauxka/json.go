package fauxka

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Data is the bytes of a key or a value. Nil is no key or value at all: a record without a value is a tombstone.
type Data []byte

// Text is a key or value of text.
func Text(text string) Data { return Data(text) }

func (data Data) String() string { return string(data) }

// MarshalJSON writes text as a string, and any other bytes in base64.
func (data Data) MarshalJSON() ([]byte, error) {
	switch {
	case data == nil:
		return []byte("null"), nil
	case utf8.Valid(data):
		return json.Marshal(string(data))
	default:
		return json.Marshal(map[string][]byte{"base64": data})
	}
}

// UnmarshalJSON reads either form.
func (data *Data) UnmarshalJSON(text []byte) error {
	*data = nil
	switch first(text) {
	case 0:
		return nil
	case '"':
		var written string
		err := json.Unmarshal(text, &written)
		*data = Data(written)
		return err
	default:
		var bytes struct{ Base64 []byte }
		err := json.Unmarshal(text, &bytes)
		*data = bytes.Base64
		return err
	}
}

// RowList is rows of the journal, oldest first.
type RowList []Row

// UnmarshalJSON reads each row by its kind.
func (list *RowList) UnmarshalJSON(data []byte) error {
	return decodeList((*[]Row)(list), data, decodeRow)
}

// UnknownRow is a row of a kind that a newer cluster has.
type UnknownRow struct {
	RowHead
	Name RowKind         `json:"kind"`
	JSON json.RawMessage `json:"-"`
}

// Kind is what the newer cluster calls it.
func (row *UnknownRow) Kind() RowKind { return row.Name }

func decodeRow(data []byte) (Row, error) {
	var kind struct{ Kind RowKind }
	if err := json.Unmarshal(data, &kind); err != nil {
		return nil, err
	}
	row := newRow(kind.Kind)
	if row == nil {
		row = &UnknownRow{JSON: bytes.Clone(data)}
	}
	return row, json.Unmarshal(data, row)
}

// first is the first letter of a value, or 0 if there is none or it is null.
func first(data []byte) byte {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || bytes.Equal(data, []byte("null")) {
		return 0
	}
	return data[0]
}

func has(data []byte, key string) bool {
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) != nil {
		return false
	}
	_, is := object[key]
	return is
}

// read reads one form of what has several.
func read[Union, Form any](data []byte) (union Union, err error) {
	var form Form
	if err := json.Unmarshal(data, &form); err != nil {
		return union, err
	}
	union, is := any(form).(Union)
	if !is {
		return union, fmt.Errorf("%T has no such form", form)
	}
	return union, nil
}

func decodeInto[T any](field *T, data []byte, decode func([]byte) (T, error)) error {
	value, err := decode(data)
	*field = value
	return err
}

func decodeList[T any](list *[]T, data []byte, decode func([]byte) (T, error)) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	*list = make([]T, len(parts))
	var errs []error
	for index, part := range parts {
		errs = append(errs, decodeInto(&(*list)[index], part, decode))
	}
	return errors.Join(errs...)
}

// RowsOf is the rows of one kind: RowsOf[*fauxka.RequestRow](rows).
func RowsOf[Kind Row](rows RowList) []Kind {
	found := []Kind{}
	for _, row := range rows {
		if one, is := row.(Kind); is {
			found = append(found, one)
		}
	}
	return found
}
