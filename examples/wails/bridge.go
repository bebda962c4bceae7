package main

import (
	"bufio"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// carry takes the agent's envelopes to the app's server, and what comes from there to the agent. That is all of the
// signalling that an app has to do: it looks into none of them.
func carry(agent func() *Agent, server, name string) {
	var key atomic.Value // what the server gave us with the name
	key.Store("")
	outbound := func() (string, string) {
		agent := agent()
		return agent.URL + "/api/signal/outbound", agent.Token
	}
	go follow(outbound, func(event, data string) {
		if event == "envelope" {
			post(server+"/messages", key.Load().(string), data)
		}
	})
	messages := func() (string, string) { return server + "/messages?name=" + url.QueryEscape(name), "" }
	go follow(messages, func(event, data string) {
		switch event {
		case "welcome":
			var welcome struct{ Key string }
			if json.Unmarshal([]byte(data), &welcome) == nil {
				key.Store(welcome.Key)
			}
		case "message":
			agent := agent()
			post(agent.URL+"/api/signal/inbound", agent.Token, data)
		}
	})
}

// follow hands on server-sent events, one after the other, and comes back where it was when the stream has ended.
func follow(source func() (address, token string), handle func(event, data string)) {
	last, lastID := "", ""
	for {
		address, token := source()
		if address != last {
			last, lastID = address, ""
		}
		request := newRequest(http.MethodGet, address, token, nil)
		request.Header.Set("Last-Event-ID", lastID)
		if response, err := http.DefaultClient.Do(request); err != nil {
			log.Print(err)
		} else {
			if response.StatusCode == http.StatusOK {
				lastID = readEvents(response.Body, lastID, handle)
			} else {
				log.Printf("%s: %s", address, response.Status)
			}
			response.Body.Close()
		}
		time.Sleep(time.Second)
	}
}

func readEvents(stream io.Reader, lastID string, handle func(event, data string)) string {
	lines := bufio.NewScanner(stream)
	lines.Buffer(nil, 1<<20)
	event, data := "", ""
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case field == "event":
			event = value
		case field == "data":
			data = value
		case field == "id":
			lastID = value
		case lines.Text() == "" && data != "":
			handle(event, data)
			event, data = "", ""
		}
	}
	return lastID
}

func post(address, token, body string) {
	response, err := http.DefaultClient.Do(newRequest(http.MethodPost, address, token, strings.NewReader(body)))
	if err != nil {
		log.Print(err)
		return
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		problem, _ := io.ReadAll(response.Body)
		log.Printf("%s: %s %s", address, response.Status, problem)
	}
}

func newRequest(method, address, token string, body io.Reader) *http.Request {
	request, err := http.NewRequest(method, address, body)
	if err != nil {
		log.Fatal(err) // the server's address is none
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	return request
}
