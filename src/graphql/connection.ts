import type { Type } from '@nestjs/common';
import { Field, ObjectType } from '@nestjs/graphql';
import { Cursor } from './cursor.scalar.js';
import { PageInfo } from './page-info.type.js';

/** One entry of a page. */
export interface EdgeOf<Node> {
  cursor: string;
  node: Node;
}

/** A page of a Relay connection. */
export interface ConnectionOf<Node> {
  edges: EdgeOf<Node>[];
  nodes: Node[];
  pageInfo: PageInfo;
}

/**
 * Base class of an edge type:
 * `@ObjectType({ description }) export class MessageEdge extends Edge(() => MessageType) {}`
 */
export function Edge<Node>(node: () => Type<Node>): Type<EdgeOf<Node>> {
  @ObjectType({ isAbstract: true })
  class AbstractEdge implements EdgeOf<Node> {
    @Field(() => Cursor, { description: 'The place of the entry in its list.' })
    cursor: string;

    @Field(node, { description: 'The entry itself.' })
    node: Node;
  }
  return AbstractEdge;
}

/**
 * Base class of a connection type:
 * `@ObjectType({ description }) export class MessageConnection extends Connection(() => MessageType, () => MessageEdge) {}`
 */
export function Connection<Node>(node: () => Type<Node>, edge: () => Type<EdgeOf<Node>>): Type<ConnectionOf<Node>> {
  @ObjectType({ isAbstract: true })
  class AbstractConnection implements ConnectionOf<Node> {
    @Field(() => [edge()], { description: 'The entries with their cursors.' })
    edges: EdgeOf<Node>[];

    @Field(() => [node()], { description: 'The entries without their cursors.' })
    nodes: Node[];

    @Field(() => PageInfo, { description: 'How the page lies in its list.' })
    pageInfo: PageInfo;
  }
  return AbstractConnection;
}
