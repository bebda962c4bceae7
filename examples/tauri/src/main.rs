//! A front desk that guests call from their browsers: Heliograph in a Tauri app. docs/embedding.md walks through it.

mod agent;
mod bridge;

use agent::{Access, Agent};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tauri::{Manager, RunEvent, State};

/// The agent that the page has asked for, and what the bridge knows of it.
struct Desk {
    heliograph: PathBuf,
    agent: Mutex<Option<Agent>>,
    access: Arc<Mutex<Access>>,
}

/// Gives the page the way to the agent, and starts one if none runs: at first, and again should it crash. Tauri answers the app's own
/// pages only, because no capability names another origin, and runs a command that is not `async` on the main thread.
#[tauri::command]
fn agent(desk: State<Desk>) -> Result<Access, String> {
    let mut running = desk.agent.lock().unwrap();
    if running.as_mut().is_none_or(Agent::has_ended) {
        let started =
            Agent::start(&desk.heliograph, "desk").map_err(|problem| problem.to_string())?;
        *desk.access.lock().unwrap() = started.access.clone();
        if running.is_none() {
            bridge::carry(desk.access.clone(), switchboard(), "desk");
        }
        *running = Some(started);
    }
    Ok(desk.access.lock().unwrap().clone())
}

fn main() {
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![agent])
        .setup(|app| {
            app.manage(Desk {
                heliograph: app.path().resource_dir()?.join("heliograph/bin/heliograph"),
                agent: Mutex::default(),
                access: Arc::default(),
            });
            Ok(())
        })
        .build(tauri::generate_context!())
        .expect("the app cannot start")
        .run(|app, event| {
            // While its envelopes are still carried, so that the other side of a call is told.
            if let RunEvent::Exit = event
                && let Some(agent) = app.state::<Desk>().agent.lock().unwrap().as_mut()
            {
                agent.end();
            }
        });
}

/// The address of the app's own server.
fn switchboard() -> String {
    std::env::var("SWITCHBOARD").unwrap_or_else(|_| "http://127.0.0.1:8720".into())
}
