use crate::agent::Access;
use std::io::{BufRead, BufReader};
use std::sync::{Arc, Mutex};
use std::{thread, time::Duration};

/// Takes the agent's envelopes to the app's server, and what comes from there to the agent. That is all of the signalling that an app has
/// to do: it looks into none of them.
pub fn carry(agent: Arc<Mutex<Access>>, server: String, name: &str) {
    let key = Arc::new(Mutex::new(String::new())); // what the server gave us with the name
    let to_agent = move |path: &str| {
        let agent = agent.lock().unwrap();
        (format!("{}{path}", agent.url), agent.token.clone())
    };
    let (from_agent, sender_key) = (to_agent.clone(), key.clone());
    let messages = format!("{server}/messages");
    let own_messages = format!("{messages}?name={name}");
    thread::spawn(move || {
        follow(
            || from_agent("/api/signal/outbound"),
            |event, data| {
                if event == "envelope" {
                    let key = sender_key.lock().unwrap().clone();
                    post(&messages, &key, data);
                }
            },
        )
    });
    thread::spawn(move || {
        follow(
            || (own_messages.clone(), String::new()),
            |event, data| match event {
                "welcome" => {
                    let welcome: serde_json::Value = serde_json::from_str(data).unwrap_or_default();
                    *key.lock().unwrap() = welcome["key"].as_str().unwrap_or_default().into();
                }
                "message" => {
                    let (inbound, token) = to_agent("/api/signal/inbound");
                    post(&inbound, &token, data);
                }
                _ => {}
            },
        )
    });
}

/// Hands on server-sent events, one after the other, and comes back where it was when the stream has ended.
fn follow(source: impl Fn() -> (String, String), handle: impl Fn(&str, &str)) -> ! {
    let (mut last, mut last_id) = (String::new(), String::new());
    loop {
        let (address, token) = source();
        if address != last {
            (last, last_id) = (address.clone(), String::new());
        }
        let request = ureq::get(&address)
            .header("Authorization", format!("Bearer {token}"))
            .header("Last-Event-ID", &last_id);
        match request.call() {
            Err(problem) => eprintln!("{address}: {problem}"),
            Ok(response) => {
                let (mut event, mut data) = (String::new(), String::new());
                let lines = BufReader::new(response.into_body().into_reader()).lines();
                for line in lines.map_while(Result::ok) {
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
