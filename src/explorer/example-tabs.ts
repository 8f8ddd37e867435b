/** One tab as it is on the first visit. */
interface ExampleTab {
  readonly query: string;
  readonly variables?: string;
  readonly headers: string;
}

/** The key stands in a header, so it is not kept by the browser unless its owner asks for that. */
export const HEADERS = '{\n  "authorization": "Bearer pst_test_your_key"\n}';

const SEND = `# Put your test key into the tab "Headers" below, then press the play button.
# Test mail never leaves the service: see it at /inbox.
mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) {
    message {
      id
      status
    }
    replayed
    cursor
    userErrors {
      code
      message
      path
      docsUrl
    }
  }
}
`;

const SEND_VARIABLES = `{
  "input": {
    "from": { "address": "shop@example.com", "name": "The shop" },
    "to": [{ "address": "delivered@postern.test" }],
    "subject": "Your order",
    "content": { "inline": { "text": "It is on its way." } }
  }
}`;

const WATCH = `# Stays open: every event of your messages as it happens. Send one from the other tab.
subscription Watch {
  events {
    __typename
    ... on EventEdge {
      cursor
      node {
        at
        type
        status
        address
        messageId
        text
      }
    }
    ... on StreamCaughtUp {
      cursor
    }
    ... on StreamGap {
      keptSince
      resumeAfter
    }
  }
}
`;

const LIST = `query Messages {
  messages(first: 10) {
    nodes {
      id
      acceptedAt
      subject
      status
      recipients {
        address
        status
        attempts {
          outcome
          reply
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`;

export const EXAMPLE_TABS: ExampleTab[] = [
  { query: SEND, variables: SEND_VARIABLES, headers: HEADERS },
  { query: WATCH, headers: HEADERS },
  { query: LIST, headers: HEADERS },
];
