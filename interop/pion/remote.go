package main

import (
	"encoding/json"
	"fmt"
	"net"
	"sync"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"
)

// remote is one PeerConnection with what it sends and what it has to tell.
type remote struct {
	out     *output
	picture string
	sound   string

	connection *webrtc.PeerConnection
	senders    map[string]*sender
	channels   map[string]*channel

	mutex      sync.Mutex
	candidates []webrtc.ICECandidateInit
	troubles   []string
}

func (r *remote) perform(command string, argument json.RawMessage) (any, error) {
	switch command {
	case "begin":
		return with(argument, r.begin)
	case "prepare":
		return with(argument, r.prepare)
	case "send":
		return with(argument, r.send)
	case "stopSending":
		return with(argument, r.stopSending)
	case "offer":
		return with(argument, r.offer)
	case "answer":
		return with(argument, r.answer)
	case "accept":
		return with(argument, r.accept)
	case "addCandidate":
		return with(argument, r.addCandidate)
	case "takeCandidates":
		return r.takeCandidates(), nil
	case "openChannel":
		return with(argument, r.openChannel)
	case "sendMessage":
		return with(argument, r.sendMessage)
	case "takeMessages":
		return with(argument, r.takeMessages)
	case "troubles":
		return r.tellTroubles(), nil
	default:
		return nil, fmt.Errorf("no such command: %s", command)
	}
}

func with[A any](argument json.RawMessage, method func(A) (any, error)) (any, error) {
	var decoded A
	if err := json.Unmarshal(argument, &decoded); err != nil {
		return nil, err
	}
	return method(decoded)
}

type setup struct {
	Lite bool `json:"lite"`
	TCP  bool `json:"tcp"`
}

const maxTCPPackets = 64

// begin makes a new connection.
func (r *remote) begin(how setup) (any, error) {
	r.senders = map[string]*sender{}
	r.channels = map[string]*channel{}
	media := &webrtc.MediaEngine{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	interceptors := &interceptor.Registry{}
	if err := webrtc.RegisterDefaultInterceptors(media, interceptors); err != nil {
		return nil, err
	}
	settings := webrtc.SettingEngine{
		LoggerFactory: &logging.DefaultLoggerFactory{
			Writer: r.out, DefaultLogLevel: logging.LogLevelWarn},
	}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetLite(how.Lite)
	if how.TCP {
		if err := useTCPAlone(&settings); err != nil {
			return nil, err
		}
	}
	api := webrtc.NewAPI(
		webrtc.WithMediaEngine(media),
		webrtc.WithInterceptorRegistry(interceptors),
		webrtc.WithSettingEngine(settings))
	connection, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	connection.OnICECandidate(r.tellCandidate)
	connection.OnTrack(r.receive)
	connection.OnDataChannel(echo)
	connection.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		r.note("connection " + state.String())
	})
	connection.OnICEConnectionStateChange(func(state webrtc.ICEConnectionState) {
		r.note("ICE " + state.String())
	})
	r.connection = connection
	return nil, nil
}

// useTCPAlone lets a connection have no candidates but passive ones on a TCP port (RFC 6544).
func useTCPAlone(settings *webrtc.SettingEngine) error {
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	settings.SetICETCPMux(webrtc.NewICETCPMux(
		settings.LoggerFactory.NewLogger("ice-tcp"), listener, maxTCPPackets))
	return nil
}

func (r *remote) tellCandidate(candidate *webrtc.ICECandidate) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if candidate == nil {
		r.candidates = append(r.candidates, webrtc.ICECandidateInit{})
	} else {
		r.candidates = append(r.candidates, candidate.ToJSON())
	}
}

type offerOptions struct {
	Restart bool `json:"restart"`
}

func (r *remote) offer(options offerOptions) (any, error) {
	made, err := r.connection.CreateOffer(&webrtc.OfferOptions{ICERestart: options.Restart})
	if err != nil {
		return nil, err
	}
	return made.SDP, r.connection.SetLocalDescription(made)
}

func (r *remote) answer(offer string) (any, error) {
	description := webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}
	if err := r.connection.SetRemoteDescription(description); err != nil {
		return nil, err
	}
	made, err := r.connection.CreateAnswer(nil)
	if err != nil {
		return nil, err
	}
	return made.SDP, r.connection.SetLocalDescription(made)
}

func (r *remote) accept(answer string) (any, error) {
	description := webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}
	return nil, r.connection.SetRemoteDescription(description)
}

func (r *remote) addCandidate(candidate webrtc.ICECandidateInit) (any, error) {
	return nil, r.connection.AddICECandidate(candidate)
}

func (r *remote) takeCandidates() []webrtc.ICECandidateInit {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	taken := r.candidates
	r.candidates = nil
	return taken
}

func (r *remote) note(trouble string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.troubles = append(r.troubles, trouble)
}

// tellTroubles gives what one wants to know of a call that does not come about.
func (r *remote) tellTroubles() any {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	told := map[string]any{"events": r.troubles}
	if r.connection != nil {
		told["local"] = r.connection.LocalDescription()
		told["remote"] = r.connection.RemoteDescription()
		told["stats"] = r.connection.GetStats()
	}
	return told
}

func (r *remote) close() {
	for _, one := range r.senders {
		one.stop()
	}
	if r.connection != nil {
		_ = r.connection.Close()
	}
}
