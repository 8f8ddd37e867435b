import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getNullableType,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLField,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/** Longest document in tokens: checking fields that overlap is quadratic, 11 ms at 962, 58 ms at 1,922. */
export const MAX_TOKENS = 500;

/** What one document may ask for. */
const LIMITS = {
  depth: 10,
  aliases: 20,
  fields: 500,
  rootFields: 10,
  directives: 20,
  /** Objects an answer could hold if every list were as long as it may be asked for. */
  objects: 50_000,
} as const;

/** How long a list is taken to be that has no argument to limit it. */
const PLAIN_LIST = 10;
const DEFAULT_PAGE_SIZE = 25;
const LARGEST_PAGE = 100;

type Weight = { -readonly [K in keyof typeof LIMITS]: number };

/**
 * Refuses documents whose answer could be out of proportion. Fragments count wherever they are
 * spread; each is weighed once per type it stands in, so that doubling them costs nothing here.
 */
export function limitsRule(context: ValidationContext): ASTVisitor {
  return {
    Document: {
      enter: (document) => {
        for (const definition of document.definitions) {
          if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
          const excess = findExcess(definition, document, context);
          if (excess !== undefined) context.reportError(excess);
        }
      },
    },
  };
}

function findExcess(
  operation: OperationDefinitionNode,
  document: DocumentNode,
  context: ValidationContext,
): GraphQLError | undefined {
  const scale = new Scale(document, context);
  const root = context.getSchema().getRootType(operation.operation) ?? undefined;
  const weight = scale.weigh(operation.selectionSet, root, PLAIN_LIST);
  weight.rootFields = scale.countFields(operation.selectionSet);
  weight.directives += countDirectives(operation);

  for (const name of Object.keys(LIMITS) as (keyof typeof LIMITS)[]) {
    if (weight[name] <= LIMITS[name]) continue;
    return new GraphQLError(`The document is over its limit of ${LIMITS[name]} ${WORDS[name]}.`, {
      nodes: operation,
      extensions: { limit: name },
    });
  }
  return undefined;
}

const WORDS: Record<keyof typeof LIMITS, string> = {
  depth: 'levels',
  aliases: 'aliases',
  fields: 'fields',
  rootFields: 'root fields',
  directives: 'directives',
  objects: 'objects in the answer',
};

function countDirectives(node: OperationDefinitionNode | FragmentDefinitionNode): number {
  return node.directives?.length ?? 0;
}

class Scale {
  private readonly fragments = new Map<string, FragmentDefinitionNode>();
  private readonly weighed = new Map<string, Weight>();
  private readonly counted = new Map<string, number>();

  constructor(
    document: DocumentNode,
    private readonly context: ValidationContext,
  ) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(definition.name.value, definition);
    }
  }

  /** Fields on the first level, those of fragments included. */
  countFields(set: SelectionSetNode): number {
    let sum = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) sum += 1;
      else if (selection.kind === Kind.INLINE_FRAGMENT) sum += this.countFields(selection.selectionSet);
      else sum += this.countFragment(selection.name.value);
    }
    return sum;
  }

  private countFragment(name: string): number {
    const known = this.counted.get(name);
    if (known !== undefined) return known;
    // A fragment that spreads itself is refused by another rule; here it must only come to an end.
    this.counted.set(name, 0);
    const fragment = this.fragments.get(name);
    const count = fragment === undefined ? 0 : this.countFields(fragment.selectionSet);
    this.counted.set(name, count);
    return count;
  }

  /** `page` is how long a list directly below is taken to be: the page of the connection around it. */
  weigh(set: SelectionSetNode, parent: GraphQLCompositeType | undefined, page: number): Weight {
    const sum: Weight = { depth: 0, aliases: 0, fields: 0, rootFields: 0, directives: 0, objects: 0 };
    for (const selection of set.selections) {
      sum.directives += selection.directives?.length ?? 0;
      if (selection.kind === Kind.FIELD) add(sum, this.weighField(selection, parent, page));
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const type = this.typeNamed(selection.typeCondition?.name.value) ?? parent;
        add(sum, this.weigh(selection.selectionSet, type, page));
      } else add(sum, this.weighFragment(selection.name.value, page));
    }
    return sum;
  }

  private weighFragment(name: string, page: number): Weight {
    const key = `${name} ${page}`;
    const known = this.weighed.get(key);
    if (known !== undefined) return known;
    this.weighed.set(key, { depth: 0, aliases: 0, fields: 0, rootFields: 0, directives: 0, objects: 0 });
    const fragment = this.fragments.get(name);
    if (fragment === undefined) return { depth: 0, aliases: 0, fields: 0, rootFields: 0, directives: 0, objects: 0 };
    const weight = this.weigh(fragment.selectionSet, this.typeNamed(fragment.typeCondition.name.value), page);
    weight.directives += countDirectives(fragment);
    this.weighed.set(key, weight);
    return weight;
  }

  private weighField(field: FieldNode, parent: GraphQLCompositeType | undefined, page: number): Weight {
    const own: Weight = {
      depth: 1,
      aliases: field.alias === undefined ? 0 : 1,
      fields: 1,
      rootFields: 0,
      directives: 0,
      objects: 0,
    };
    // Introspection has limits of its own in graphql-js, and the standard query is 15 levels deep.
    if (field.selectionSet === undefined || field.name.value.startsWith('__')) return own;

    const definition = fieldOf(parent, field.name.value);
    const type = definition === undefined ? undefined : getNamedType(definition.type);
    const isList = definition !== undefined && isListType(getNullableType(definition.type));
    const asked = definition === undefined ? undefined : pageAsked(field, definition);
    // A connection hands the page it was asked for down to its edges and nodes.
    const below = isList ? PLAIN_LIST : (asked ?? PLAIN_LIST);
    const inner = this.weigh(field.selectionSet, isCompositeType(type) ? type : undefined, below);
    const times = isList ? (asked ?? page) : 1;
    return {
      depth: 1 + inner.depth,
      aliases: own.aliases + inner.aliases,
      fields: 1 + inner.fields,
      rootFields: 0,
      directives: inner.directives,
      objects: times * (1 + inner.objects),
    };
  }

  private typeNamed(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : this.context.getSchema().getType(name);
    return isCompositeType(type) ? type : undefined;
  }
}

function add(sum: Weight, more: Weight): void {
  sum.depth = Math.max(sum.depth, more.depth);
  sum.aliases += more.aliases;
  sum.fields += more.fields;
  sum.directives += more.directives;
  sum.objects += more.objects;
}

function fieldOf(type: GraphQLCompositeType | undefined, name: string): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

/** How many entries a field was asked for, where it has an argument for that; a variable may hold the largest. */
function pageAsked(field: FieldNode, definition: GraphQLField<unknown, unknown>): number | undefined {
  const names = new Set(definition.args.map((arg) => arg.name));
  if (names.has('ids')) return LARGEST_PAGE;
  if (!names.has('first')) return undefined;
  let size: number | undefined;
  for (const { name, value } of field.arguments ?? []) {
    if (name.value !== 'first' && name.value !== 'last') continue;
    if (value.kind === Kind.NULL) continue;
    const asked = value.kind === Kind.INT ? Math.min(Math.max(Number(value.value), 0), LARGEST_PAGE) : LARGEST_PAGE;
    size = Math.max(size ?? 0, asked);
  }
  return size ?? DEFAULT_PAGE_SIZE;
}
