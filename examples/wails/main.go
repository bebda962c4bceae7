// A front desk that guests call from their browsers: Heliograph in a Wails app. docs/embedding.md walks through it.
package main

import (
	"context"
	"embed"
	"log"
	"os"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
)

// The page: what `npm run build` has made in ../page (see the README).
//
//go:embed all:frontend/dist
var page embed.FS

func main() {
	desk := &Desk{ready: make(chan struct{})}
	err := wails.Run(&options.App{
		Title:       "Front desk (Wails)",
		Width:       960,
		Height:      720,
		AssetServer: &assetserver.Options{Assets: page},
		OnStartup:   desk.open,
		OnShutdown:  desk.close,
		Bind:        []any{desk},
	})
	if err != nil {
		log.Fatal(err)
	}
}

// Desk is what the page sees of the app.
type Desk struct {
	ready  chan struct{} // closed when agent and failed are set
	agent  Agent
	failed error
}

// Agent gives the page the way to the agent. Wails answers pages of the app's own origin only.
func (desk *Desk) Agent() (Agent, error) {
	<-desk.ready
	return desk.agent, desk.failed
}

func (desk *Desk) open(context.Context) {
	desk.agent, desk.failed = startAgent("desk")
	close(desk.ready)
	if desk.failed == nil {
		carry(desk.agent, switchboard(), "desk")
	}
}

// close ends the agent while its envelopes are still carried, so that the other side of a call is told.
func (desk *Desk) close(context.Context) {
	<-desk.ready
	if desk.failed == nil {
		desk.agent.end()
	}
}

// switchboard is the address of the app's own server.
func switchboard() string {
	if address := os.Getenv("SWITCHBOARD"); address != "" {
		return address
	}
	return "http://127.0.0.1:8720"
}
