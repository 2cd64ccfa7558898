package tyk

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"time"
)

// A moment is a time in MongoDB's extended JSON, canonical, relaxed or of its first version
// (https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/), or written plainly.
type moment time.Time

func (m *moment) UnmarshalJSON(data []byte) error {
	var date struct {
		Date json.RawMessage `json:"$date"`
	}
	if json.Unmarshal(data, &date) == nil && date.Date != nil {
		data = date.Date
	}
	var long struct {
		Long string `json:"$numberLong"`
	}
	if json.Unmarshal(data, &long) == nil && long.Long != "" {
		data = []byte(long.Long)
	}
	if ms, err := strconv.ParseInt(string(data), 10, 64); err == nil {
		*m = moment(time.UnixMilli(ms).UTC())
		return nil
	}
	return (*time.Time)(m).UnmarshalJSON(data)
}

// A binary is bytes in the same.
type binary []byte

func (b *binary) UnmarshalJSON(data []byte) error {
	var outer struct {
		Binary json.RawMessage `json:"$binary"`
	}
	if json.Unmarshal(data, &outer) == nil && outer.Binary != nil {
		data = outer.Binary
	}
	var inner struct {
		Base64 *string `json:"base64"`
	}
	var text string
	if json.Unmarshal(data, &inner) == nil && inner.Base64 != nil {
		text = *inner.Base64
	} else if json.Unmarshal(data, &text) != nil {
		return errors.New("no binary")
	}
	var err error
	*b, err = base64.StdEncoding.DecodeString(text)
	return err
}
