// A blog: GET / shows the posts, POST /posts with {"title", "text"} adds one. Posts are files, written whole or not at all.
'use strict';
const { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { join } = require('node:path');

const data = process.env.BLOG_DATA ?? join(__dirname, 'posts');
const longestPost = 64 * 1024;
mkdirSync(data, { recursive: true });

const escaped = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
const posts = () =>
  readdirSync(data)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .reverse()
    .map((name) => JSON.parse(readFileSync(join(data, name), 'utf8')));

function add({ title, text }) {
  if (typeof title !== 'string' || typeof text !== 'string' || title === '')
    throw new Error('a post has a title and a text');
  const post = { title, text, at: new Date().toISOString() };
  const path = join(data, `${post.at}-${process.hrtime.bigint()}.json`);
  writeFileSync(`${path}.new`, JSON.stringify(post));
  renameSync(`${path}.new`, path);
  return post;
}

async function body(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > longestPost) throw new Error(`a post has at most ${longestPost} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

const page = () =>
  `<!doctype html><meta charset="utf-8"><title>Blog</title><h1>Blog</h1>${posts()
    .map(
      (post) =>
        `<article><h2>${escaped(post.title)}</h2><time>${post.at}</time><p>${escaped(post.text)}</p></article>`,
    )
    .join('')}`;

const server = createServer(async (request, response) => {
  const answer = (status, type, text) => response.writeHead(status, { 'Content-Type': type }).end(text);
  try {
    if (request.method === 'POST' && request.url === '/posts')
      answer(201, 'application/json', JSON.stringify(add(await body(request))));
    else if (request.method === 'GET' && request.url === '/posts')
      answer(200, 'application/json', JSON.stringify(posts()));
    else if (request.method === 'GET' && request.url === '/') answer(200, 'text/html; charset=utf-8', page());
    else answer(404, 'text/plain', 'not here\n');
  } catch (error) {
    answer(400, 'text/plain', `${error.message}\n`);
  }
});

server.listen(Number(process.env.PORT ?? 8080), () => console.log(`blog: port ${server.address().port}`));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
