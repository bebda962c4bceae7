use crate::agent::Access;
use std::io::{BufRead, BufReader};
use std::sync::{Arc, Mutex};
use std::{thread, time::Duration};

/// Takes the agent's envelopes to the app's server, and what comes from there to the agent. That is all of the signalling that an app has
/// to do: it looks into none of them.
pub fn carry(agent: &Access, server: &str, name: &str) {
    let key = Arc::new(Mutex::new(String::new())); // what the server gave us with the name
    let (outbound, inbound) = (
        format!("{}/api/signal/outbound", agent.url),
        format!("{}/api/signal/inbound", agent.url),
    );
    let (messages, own_messages) = (
        format!("{server}/messages"),
        format!("{server}/messages?name={name}"),
    );
    let (token, to_agent) = (agent.token.clone(), agent.token.clone());
    let given = key.clone();
    thread::spawn(move || {
        follow(&outbound, &token, |event, data| {
            if event == "envelope" {
                let key = key.lock().unwrap().clone();
                post(&messages, &key, data);
            }
        })
    });
    thread::spawn(move || {
        follow(&own_messages, "", |event, data| match event {
            "welcome" => {
                let welcome: serde_json::Value = serde_json::from_str(data).unwrap_or_default();
                *given.lock().unwrap() = welcome["key"].as_str().unwrap_or_default().into();
            }
            "message" => post(&inbound, &to_agent, data),
            _ => {}
        })
    });
}

/// Hands on server-sent events, one after the other, and comes back where it was when the stream has ended.
fn follow(address: &str, token: &str, handle: impl Fn(&str, &str)) -> ! {
    let mut last_id = String::new();
    loop {
        let mut request = ureq::get(address).header("Authorization", format!("Bearer {token}"));
        if !last_id.is_empty() {
            request = request.header("Last-Event-ID", &last_id);
        }
        if let Ok(response) = request.call() {
            let (mut event, mut data) = (String::new(), String::new());
            for line in BufReader::new(response.into_body().into_reader())
                .lines()
                .map_while(Result::ok)
            {
                match line.split_once(": ") {
                    Some(("event", value)) => event = value.into(),
                    Some(("data", value)) => data = value.into(),
                    Some(("id", value)) => last_id = value.into(),
                    _ if line.is_empty() && !data.is_empty() => {
                        handle(&event, &data);
                        (event, data) = Default::default();
                    }
                    _ => {}
                }
            }
        }
        thread::sleep(Duration::from_secs(1));
    }
}

pub fn post(address: &str, token: &str, body: &str) {
    let sent = ureq::post(address)
        .header("Authorization", format!("Bearer {token}"))
        .content_type("application/json")
        .send(body);
    if let Err(problem) = sent {
        eprintln!("{address}: {problem}");
    }
}
