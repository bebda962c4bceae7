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
func carry(agent Agent, server, name string) {
	var key atomic.Value // what the server gave us with the name
	key.Store("")
	go follow(agent.URL+"/api/signal/outbound", agent.Token, func(event, data string) {
		if event == "envelope" {
			post(server+"/messages", key.Load().(string), data)
		}
	})
	go follow(server+"/messages?name="+url.QueryEscape(name), "", func(event, data string) {
		switch event {
		case "welcome":
			var welcome struct{ Key string }
			if json.Unmarshal([]byte(data), &welcome) == nil {
				key.Store(welcome.Key)
			}
		case "message":
			post(agent.URL+"/api/signal/inbound", agent.Token, data)
		}
	})
}

// follow hands on server-sent events, one after the other, and comes back where it was when the stream has ended.
func follow(address, token string, handle func(event, data string)) {
	lastID := ""
	for {
		request, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			log.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		if lastID != "" {
			request.Header.Set("Last-Event-ID", lastID)
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			if response.StatusCode == http.StatusOK {
				lastID = readEvents(response.Body, lastID, handle)
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
	request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
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
