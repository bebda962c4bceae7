//! A front desk that guests call from their browsers: Heliograph in a Tauri app. docs/embedding.md walks through it.

mod agent;
mod bridge;

use agent::{Access, Agent};
use tauri::{Manager, RunEvent, State};

/// Gives the page the way to the agent. Tauri answers the app's own pages only: no capability names another origin.
#[tauri::command]
fn agent(agent: State<Result<Agent, String>>) -> Result<Access, String> {
    agent
        .as_ref()
        .map(|agent| agent.access.clone())
        .map_err(String::clone)
}

fn main() {
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![agent])
        .setup(|app| {
            let heliograph = app.path().resource_dir()?.join("heliograph/bin/heliograph");
            let agent = Agent::start(&heliograph, "desk").map_err(|problem| problem.to_string());
            if let Ok(agent) = &agent {
                bridge::carry(&agent.access, &switchboard(), "desk");
            }
            app.manage(agent);
            Ok(())
        })
        .build(tauri::generate_context!())
        .expect("the app cannot start")
        .run(|app, event| {
            // While its envelopes are still carried, so that the other side of a call is told.
            if let RunEvent::Exit = event
                && let Ok(agent) = app.state::<Result<Agent, String>>().as_ref()
            {
                agent.end();
            }
        });
}

/// The address of the app's own server.
fn switchboard() -> String {
    std::env::var("SWITCHBOARD").unwrap_or_else(|_| "http://127.0.0.1:8720".into())
}
