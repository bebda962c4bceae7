use crate::bridge::post;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::{env, fs, path::Path};

/// Where Heliograph's agent listens, and what lets in: all that the page needs.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct Access {
    pub url: String,
    pub token: String,
}

/// An agent of the app's own.
pub struct Agent {
    pub access: Access,
    process: Child,
}

impl Agent {
    /// Runs the agent that is shipped with the app, as the app's own: the address file keeps it apart from every other, and the kernel
    /// ends it with the app, however that ends, so that no camera is left open. Returns when the agent can be used. To be called on the
    /// main thread: the kernel means the thread that has started the agent.
    pub fn start(heliograph: &Path, name: &str) -> Result<Agent, Box<dyn Error>> {
        let folder = format!("{}/heliograph-tauri-example", env::var("XDG_RUNTIME_DIR")?);
        let mut process = Command::new("setpriv")
            .args(["--pdeathsig", "TERM"])
            .arg(heliograph)
            .args(["run", "--json", "--signaling-type=bridge"])
            .arg(format!(
                "--api-address-file={folder}/{}.json",
                std::process::id()
            ))
            .arg(format!("--peer-name={name}"))
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line)?;
        if line.is_empty() {
            return Err("the agent has not started; its error output says why".into());
        }
        let place: serde_json::Value = serde_json::from_str(&line)?;
        // Only the user can read it: it holds the token.
        let address = fs::read_to_string(place["address_file"].as_str().unwrap_or_default())?;
        Ok(Agent {
            access: serde_json::from_str(&address)?,
            process,
        })
    }

    pub fn has_ended(&mut self) -> bool {
        !matches!(self.process.try_wait(), Ok(None))
    }

    /// Lets the agent hang up and waits until it has closed camera and microphone.
    pub fn end(&mut self) {
        let stop = format!("{}/api/agent/stop", self.access.url);
        post(&stop, &self.access.token, "{}");
        let _ = self.process.wait();
    }
}
