// A front desk that guests call from their browsers: Heliograph in a Wails app. docs/embedding.md walks through it.
package main

import (
	"context"
	"embed"
	"log"
	"os"
	"sync"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
)

// The page: what `npm run build` has made in ../page (see the README).
//
//go:embed all:frontend/dist
var page embed.FS

func main() {
	desk := &Desk{}
	err := wails.Run(&options.App{
		Title:       "Front desk (Wails)",
		Width:       960,
		Height:      720,
		AssetServer: &assetserver.Options{Assets: page},
		OnStartup:   func(context.Context) { _, _ = desk.Agent() }, // while the page loads
		OnShutdown:  desk.close,
		Bind:        []any{desk},
	})
	if err != nil {
		log.Fatal(err)
	}
}

// Desk is what the page sees of the app.
type Desk struct {
	mutex sync.Mutex
	agent *Agent
}

// Agent gives the page the way to the agent, and starts one if none runs: at first, and again should it crash. Wails
// answers pages of the app's own origin only.
func (desk *Desk) Agent() (*Agent, error) {
	desk.mutex.Lock()
	defer desk.mutex.Unlock()
	if desk.agent == nil || desk.agent.hasEnded() {
		agent, err := startAgent("desk")
		if err != nil {
			return nil, err
		}
		if desk.agent == nil {
			carry(desk.current, switchboard(), "desk")
		}
		desk.agent = agent
	}
	return desk.agent, nil
}

// current is the agent that was started last.
func (desk *Desk) current() *Agent {
	desk.mutex.Lock()
	defer desk.mutex.Unlock()
	return desk.agent
}

// close ends the agent while its envelopes are still carried, so that the other side of a call is told.
func (desk *Desk) close(context.Context) {
	if agent := desk.current(); agent != nil {
		agent.end()
	}
}

// switchboard is the address of the app's own server.
func switchboard() string {
	if address := os.Getenv("SWITCHBOARD"); address != "" {
		return address
	}
	return "http://127.0.0.1:8720"
}
