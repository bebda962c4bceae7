package main

import (
	"sync"

	"github.com/pion/webrtc/v4"
)

// message is a text, or bytes where Text is missing.
type message struct {
	Text   *string `json:"text,omitempty"`
	Binary []byte  `json:"binary,omitempty"`
}

// channel is a data channel that this side opened, with what came back.
type channel struct {
	data     *webrtc.DataChannel
	mutex    sync.Mutex
	opened   bool
	waiting  []message
	received []message
}

type labelArgument struct {
	Label string `json:"label"`
}

func (r *remote) openChannel(what labelArgument) (any, error) {
	data, err := r.connection.CreateDataChannel(what.Label, nil)
	if err != nil {
		return nil, err
	}
	made := &channel{data: data}
	data.OnOpen(made.open)
	data.OnMessage(func(came webrtc.DataChannelMessage) {
		made.mutex.Lock()
		defer made.mutex.Unlock()
		made.received = append(made.received, messageOf(came))
	})
	r.channels[what.Label] = made
	return nil, nil
}

func (c *channel) open() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.opened = true
	for _, one := range c.waiting {
		_ = one.sendTo(c.data)
	}
	c.waiting = nil
}

type messageArgument struct {
	Label   string  `json:"label"`
	Message message `json:"message"`
}

// sendMessage sends on a channel that this side opened, as soon as it is open.
func (r *remote) sendMessage(what messageArgument) (any, error) {
	c := r.channels[what.Label]
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if !c.opened {
		c.waiting = append(c.waiting, what.Message)
		return nil, nil
	}
	return nil, what.Message.sendTo(c.data)
}

func (r *remote) takeMessages(what labelArgument) (any, error) {
	c := r.channels[what.Label]
	c.mutex.Lock()
	defer c.mutex.Unlock()
	taken := c.received
	c.received = nil
	return taken, nil
}

// echo sends back what comes on a channel that the other side opened.
func echo(data *webrtc.DataChannel) {
	data.OnMessage(func(came webrtc.DataChannelMessage) { _ = messageOf(came).sendTo(data) })
}

func messageOf(came webrtc.DataChannelMessage) message {
	if came.IsString {
		text := string(came.Data)
		return message{Text: &text}
	}
	return message{Binary: came.Data}
}

func (m message) sendTo(data *webrtc.DataChannel) error {
	if m.Text != nil {
		return data.SendText(*m.Text)
	}
	return data.Send(m.Binary)
}
