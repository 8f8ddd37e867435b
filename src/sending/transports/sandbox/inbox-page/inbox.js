// Plain JavaScript for the browser: there are no types that could be unsafe.
/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access */

import { mailParts } from './mail-parts.js';

const KEY = 'postern-key';
const REFRESH_MS = 2000;

const LIST = `query Inbox { sandboxMails(first: 100) {
  id messageId envelopeFrom envelopeTo receivedAt subject size } }`;
const ONE = `query Mail($messageId: ID!) { sandboxMails(first: 100, messageId: $messageId) { id raw rawIsBase64 } }`;

const element = (id) => document.getElementById(id);
let mails = [];
let selected;
let opened;
let view = 'html';

async function ask(query, variables = {}) {
  const response = await fetch('graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${sessionStorage.getItem(KEY)}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors?.length > 0) throw Object.assign(new Error(errors[0].message), { code: errors[0].extensions?.code });
  return data;
}

function tell(text, wrong = false) {
  element('state').textContent = text;
  element('state').classList.toggle('wrong', wrong);
}

function lock(unlocked) {
  element('unlock').hidden = unlocked;
  element('inbox').hidden = !unlocked;
  element('forget').hidden = !unlocked;
}

async function refresh() {
  if (sessionStorage.getItem(KEY) === null || document.hidden) return;
  try {
    const { sandboxMails } = await ask(LIST);
    lock(true);
    tell(`${sandboxMails.length} ${sandboxMails.length === 1 ? 'mail' : 'mails'}`);
    if (sandboxMails[0]?.id !== mails[0]?.id || sandboxMails.length !== mails.length) showList(sandboxMails);
    element('empty').hidden = sandboxMails.length > 0;
  } catch (error) {
    if (error.code === 'UNAUTHENTICATED' || error.code === 'FORBIDDEN') forget();
    tell(error.message, true);
  }
}

function showList(next) {
  mails = next;
  element('list').replaceChildren(
    ...mails.map((mail) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.setAttribute('aria-current', String(mail.id === selected?.id));
      button.append(line('strong', mail.subject || '(no subject)'), line('span', mail.envelopeTo));
      button.append(line('span', new Date(mail.receivedAt).toLocaleString()));
      button.addEventListener('click', () => void open(mail));
      const item = document.createElement('li');
      item.append(button);
      return item;
    }),
  );
}

function line(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

async function open(mail) {
  selected = mail;
  showList(mails);
  try {
    const { sandboxMails } = await ask(ONE, { messageId: mail.messageId });
    const found = sandboxMails.find(({ id }) => id === mail.id);
    if (selected !== mail || found === undefined) return;
    const bytes = found.rawIsBase64
      ? Uint8Array.from(atob(found.raw), (character) => character.charCodeAt(0))
      : new TextEncoder().encode(found.raw);
    opened = { source: found.rawIsBase64 ? new TextDecoder('latin1').decode(bytes) : found.raw, ...mailParts(bytes) };
    showMail(mail);
  } catch (error) {
    tell(error.message, true);
  }
}

function showMail(mail) {
  element('subject').textContent = mail.subject || '(no subject)';
  element('from').textContent = mail.envelopeFrom || '<>';
  element('to').textContent = mail.envelopeTo;
  element('received').textContent = new Date(mail.receivedAt).toLocaleString();
  element('message').textContent = mail.messageId;
  element('attachments').replaceChildren(
    ...opened.attachments.map(({ name, type }) => line('li', `${name} (${type})`)),
  );
  element('mail').hidden = false;
  show(opened[view] === undefined ? (opened.html === undefined ? 'text' : 'html') : view);
}

function show(wanted) {
  for (const tab of element('views').children) {
    tab.setAttribute('aria-selected', String(tab.dataset.view === wanted));
    tab.disabled = opened[tab.dataset.view] === undefined;
  }
  const html = wanted === 'html';
  element('frame').hidden = !html;
  element('plain').hidden = html;
  // The frame has no rights at all: no scripts, no forms, no origin.
  element('frame').srcdoc = html ? (opened.html ?? '') : '';
  element('plain').textContent = html ? '' : (opened[wanted] ?? '');
}

function forget() {
  sessionStorage.removeItem(KEY);
  mails = [];
  selected = undefined;
  element('list').replaceChildren();
  element('mail').hidden = true;
  lock(false);
  tell('');
}

element('unlock').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, element('key').value.trim());
  element('key').value = '';
  void refresh();
});
element('forget').addEventListener('click', forget);
element('views').addEventListener('click', (event) => {
  const wanted = event.target.dataset.view;
  if (wanted === undefined) return;
  view = wanted;
  show(wanted);
});
document.addEventListener('visibilitychange', () => void refresh());

lock(sessionStorage.getItem(KEY) !== null);
void refresh();
setInterval(() => void refresh(), REFRESH_MS);
