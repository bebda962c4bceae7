package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

// Agent is a Heliograph agent of the app's own. Where it listens and what lets in is all that the page needs.
type Agent struct {
	URL     string `json:"url"`
	Token   string `json:"token"`
	process *os.Process
	ended   chan struct{} // closed when the process has ended
}

// startAgent runs the agent that is shipped beside the app, as the app's own: the address file keeps it apart from every other, and the
// kernel ends it with the app, however that ends, so that no camera is left open. Returns when the agent can be used.
func startAgent(name string) (*Agent, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	run := exec.Command(filepath.Join(filepath.Dir(program), "heliograph", "bin", "heliograph"), "run", "--json",
		fmt.Sprintf("--api-address-file=%s/heliograph-wails-example/%d.json", os.Getenv("XDG_RUNTIME_DIR"), os.Getpid()),
		"--peer-name="+name,
		"--signaling-type=bridge")
	run.Stderr = os.Stderr
	run.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	output, err := run.StdoutPipe()
	if err != nil {
		return nil, err
	}
	started, ended := make(chan error), make(chan struct{})
	go func() {
		// The kernel means the thread that has started the agent, so this one stays.
		runtime.LockOSThread()
		err := run.Start()
		started <- err
		if err == nil {
			_ = run.Wait()
		}
		close(ended)
	}()
	if err = <-started; err != nil {
		return nil, err
	}
	var place struct {
		AddressFile string `json:"address_file"`
	}
	if err = json.NewDecoder(output).Decode(&place); err != nil {
		return nil, fmt.Errorf("the agent has not started; its error output says why (%w)", err)
	}
	// Only the user can read it: it holds the token.
	address, err := os.ReadFile(place.AddressFile)
	if err != nil {
		return nil, err
	}
	agent := &Agent{process: run.Process, ended: ended}
	return agent, json.Unmarshal(address, agent)
}

func (agent *Agent) hasEnded() bool {
	select {
	case <-agent.ended:
		return true
	default:
		return false
	}
}

// end lets the agent hang up and waits until it has closed camera and microphone.
func (agent *Agent) end() {
	_ = agent.process.Signal(syscall.SIGTERM)
	<-agent.ended
}
