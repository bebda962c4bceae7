// Command pion is a remote peer on Pion for the interoperability tests.
//
// It reads a command a line, as JSON, and writes a reply a line:
//
//	{"id": 1, "command": "offer", "argument": {"restart": false}}
//	{"id": 1, "value": "v=0..."}   or   {"id": 1, "error": "why not"}
//
// What Pion has to say goes out as {"log": "..."}. What it receives it writes down undecoded, between the replies; the test decodes it:
//
//	{"frame": {"kind": "video", "rid": "", "payload": "base64"}}
//
// The commands are the methods of remote. It ends with its input.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
)

type request struct {
	ID       int             `json:"id"`
	Command  string          `json:"command"`
	Argument json.RawMessage `json:"argument"`
}

type reply struct {
	ID    int    `json:"id"`
	Value any    `json:"value"`
	Error string `json:"error,omitempty"`
}

// output writes whole lines, whoever they come from.
type output struct {
	mutex   sync.Mutex
	encoder *json.Encoder
}

func (o *output) write(line any) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if err := o.encoder.Encode(line); err != nil {
		os.Exit(1) // The test is gone.
	}
}

// Write makes the output Pion's log.
func (o *output) Write(text []byte) (int, error) {
	o.write(map[string]string{"log": string(text)})
	return len(text), nil
}

func main() {
	picture := flag.String("picture", "", "the IVF file of VP8 that is sent, over and over")
	sound := flag.String("sound", "", "the Ogg file of Opus that is sent, over and over")
	flag.Parse()

	out := &output{encoder: json.NewEncoder(os.Stdout)}
	r := &remote{out: out, picture: *picture, sound: *sound}
	defer r.close()
	input := bufio.NewReader(os.Stdin)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked request
		if err := json.Unmarshal(line, &asked); err != nil {
			fmt.Fprintln(os.Stderr, "not a command:", err)
			os.Exit(1)
		}
		value, err := r.perform(asked.Command, asked.Argument)
		if err != nil {
			out.write(reply{ID: asked.ID, Error: err.Error()})
		} else {
			out.write(reply{ID: asked.ID, Value: value})
		}
	}
}
