package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
	"github.com/pion/webrtc/v4/pkg/media/ivfreader"
	"github.com/pion/webrtc/v4/pkg/media/oggreader"
	"github.com/pion/webrtc/v4/pkg/media/samplebuilder"
)

const (
	pictureDuration = 40 * time.Millisecond
	soundDuration   = 20 * time.Millisecond
	maxLatePackets  = 200
)

// sender plays a file into a track until it is stopped.
type sender struct {
	rtp      *webrtc.RTPSender
	track    *webrtc.TrackLocalStaticSample
	frames   [][]byte
	duration time.Duration
	again    chan struct{}
	stopped  chan struct{}
}

func (s *sender) stop() {
	close(s.stopped)
}

type kindArgument struct {
	Kind string `json:"kind"`
}

// send begins to send a picture or a tone.
func (r *remote) send(what kindArgument) (any, error) {
	if _, err := r.prepare(what); err != nil {
		return nil, err
	}
	go r.senders[what.Kind].play()
	return nil, nil
}

// prepare has a picture or a tone in the next descriptions, of which nothing is sent yet.
func (r *remote) prepare(what kindArgument) (any, error) {
	if r.senders[what.Kind] != nil {
		return nil, nil
	}
	codec, file, duration := webrtc.MimeTypeOpus, r.sound, soundDuration
	read := readOgg
	if what.Kind == "video" {
		codec, file, duration = webrtc.MimeTypeVP8, r.picture, pictureDuration
		read = readIVF
	}
	frames, err := read(file)
	if err != nil {
		return nil, err
	}
	track, err := webrtc.NewTrackLocalStaticSample(
		webrtc.RTPCodecCapability{MimeType: codec}, what.Kind, "pion")
	if err != nil {
		return nil, err
	}
	added, err := r.connection.AddTrack(track)
	if err != nil {
		return nil, err
	}
	made := &sender{
		rtp: added, track: track, frames: frames, duration: duration,
		again: make(chan struct{}, 1), stopped: make(chan struct{}),
	}
	r.senders[what.Kind] = made
	go made.heedKeyFrameRequests()
	return nil, nil
}

func (r *remote) stopSending(what kindArgument) (any, error) {
	sending := r.senders[what.Kind]
	delete(r.senders, what.Kind)
	sending.stop()
	return nil, r.connection.RemoveTrack(sending.rtp)
}

// play writes the frames in real time, over and over; from the first one again when a key frame is asked for.
func (s *sender) play() {
	clock := time.NewTicker(s.duration)
	defer clock.Stop()
	for next := 0; ; next = (next + 1) % len(s.frames) {
		select {
		case <-s.stopped:
			return
		case <-s.again:
			next = 0
		case <-clock.C:
		}
		// Fails for a moment while a restart goes over to another path: the next frame may go through.
		_ = s.track.WriteSample(media.Sample{Data: s.frames[next], Duration: s.duration})
	}
}

func (s *sender) heedKeyFrameRequests() {
	for {
		packets, _, err := s.rtp.ReadRTCP()
		if err != nil {
			return
		}
		for _, packet := range packets {
			switch packet.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				select {
				case s.again <- struct{}{}:
				default: // It was asked for already.
				}
			}
		}
	}
}

type frame struct {
	Kind    string `json:"kind"`
	RID     string `json:"rid"`
	Payload []byte `json:"payload"`
}

// receive puts a track's packets together to frames and writes them down, until the track ends.
func (r *remote) receive(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
	depacketizer := rtp.Depacketizer(&codecs.OpusPacket{})
	if track.Kind() == webrtc.RTPCodecTypeVideo {
		depacketizer = &codecs.VP8Packet{}
		// What came before Pion knew the track is lost to it, perhaps the first key frame.
		_ = r.connection.WriteRTCP(
			[]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(track.SSRC())}})
	}
	builder := samplebuilder.New(maxLatePackets, depacketizer, track.Codec().ClockRate)
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		builder.Push(packet)
		for sample := builder.Pop(); sample != nil; sample = builder.Pop() {
			r.out.write(map[string]frame{
				"frame": {Kind: track.Kind().String(), RID: track.RID(), Payload: sample.Data}})
		}
	}
}

func readIVF(file string) ([][]byte, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	reader, _, err := ivfreader.NewWith(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	var frames [][]byte
	for {
		payload, _, err := reader.ParseNextFrame()
		if errors.Is(err, io.EOF) {
			return frames, nil
		}
		if err != nil {
			return nil, err
		}
		frames = append(frames, payload)
	}
}

// readOgg gives the packets of a file that has one to a page.
func readOgg(file string) ([][]byte, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	reader, _, err := oggreader.NewWith(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	var packets [][]byte
	for {
		payload, header, err := reader.ParseNextPage()
		if errors.Is(err, io.EOF) {
			return packets, nil
		}
		if err != nil {
			return nil, err
		}
		if _, isHeader := header.HeaderType(payload); !isHeader {
			packets = append(packets, payload)
		}
	}
}
