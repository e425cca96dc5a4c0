// A chat room: GET /events streams what is said (server-sent events), POST /messages says {"from", "text"}, GET / is a page for both.
'use strict';
const { createServer } = require('node:http');

const longestMessage = 4096;
const remembered = 100;
const said = [];
const listeners = new Set();

const event = (message) => `data: ${JSON.stringify(message)}\n\n`;

function say({ from, text }) {
  if (typeof from !== 'string' || typeof text !== 'string' || text === '')
    throw new Error('a message has from and text');
  const message = { from, text, at: new Date().toISOString() };
  said.push(message);
  if (said.length > remembered) said.shift();
  for (const listener of listeners) {
    // A listener that does not read is dropped: nobody else waits for it.
    if (!listener.write(event(message))) listener.destroy();
  }
  return message;
}

async function body(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > longestMessage) throw new Error(`a message has at most ${longestMessage} characters`);
  }
  return JSON.parse(text);
}

const page = `<!doctype html><meta charset="utf-8"><title>Chat</title><h1>Chat</h1><ul id="said"></ul>
<form><input name="from" placeholder="name"><input name="text" placeholder="message"><button>Say</button></form>
<script>
new EventSource('/events').onmessage = ({ data }) => {
  const { from, text } = JSON.parse(data);
  said.append(Object.assign(document.createElement('li'), { textContent: from + ': ' + text }));
};
document.forms[0].onsubmit = (submit) => {
  submit.preventDefault();
  const { from, text } = submit.target;
  fetch('/messages', { method: 'POST', body: JSON.stringify({ from: from.value, text: text.value }) });
  text.value = '';
};
</script>`;

const server = createServer(async (request, response) => {
  const answer = (status, type, text) => response.writeHead(status, { 'Content-Type': type }).end(text);
  try {
    if (request.method === 'GET' && request.url === '/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      response.write(said.map(event).join(''));
      listeners.add(response);
      response.on('close', () => listeners.delete(response));
    } else if (request.method === 'POST' && request.url === '/messages')
      answer(201, 'application/json', JSON.stringify(say(await body(request))));
    else if (request.method === 'GET' && request.url === '/messages')
      answer(200, 'application/json', JSON.stringify(said));
    else if (request.method === 'GET' && request.url === '/') answer(200, 'text/html; charset=utf-8', page);
    else answer(404, 'text/plain', 'not here\n');
  } catch (error) {
    answer(400, 'text/plain', `${error.message}\n`);
  }
});

server.listen(Number(process.env.PORT ?? 8080), () => console.log(`chat: port ${server.address().port}`));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
