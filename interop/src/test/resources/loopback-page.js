// The page's side of docs/api.md, "Loopback PeerConnection". A classic script, so that a test can put it into any page.

/** Shows what the other side of a call sends, through a PeerConnection with the agent. */
// eslint-disable-next-line no-unused-vars
async function watchLoopback(agent, token, channel) {
  const connection = new RTCPeerConnection();
  const stream = new MediaStream();
  connection.ontrack = ({ track }) => stream.addTrack(track);
  connection.addTransceiver('audio', { direction: 'recvonly' });
  connection.addTransceiver('video', { direction: 'recvonly' });
  await connection.setLocalDescription();
  const response = await fetch(`${agent}/api/call/loopback/${channel}/offer`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ sdp: connection.localDescription.sdp }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  await connection.setRemoteDescription({ type: 'answer', sdp: answer.sdp });

  const video = document.createElement('video');
  video.srcObject = stream;
  video.playsInline = true;
  document.body.append(video);
  video.play().catch(() => {}); // it ends where the page leaves
  return { connection, stream, video, codes: new Set() };
}
