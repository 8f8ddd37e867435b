import type { Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import {
  getMetadataStorage,
  type ValidationError,
  validateSync,
  type ValidatorConstraintInterface,
} from 'class-validator';
import type { ErrorCode } from '../domain/user-error.js';
import { type UserError, userError } from '../domain/user-error.js';

type ValidationRule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];
type Row = Readonly<Record<string, unknown>>;
type Check = (value: unknown, row: Row) => boolean;

interface CompiledField {
  readonly name: string;
  /** @IsOptional: null and undefined pass whatever the other rules say. */
  readonly optional: boolean;
  readonly checks: readonly Check[];
}

/** Undefined: the class has rules that only class-validator itself can judge. */
type CompiledClass = readonly CompiledField[] | undefined;

const compiled = new Map<Type, CompiledClass>();

/**
 * Judges an input by the class-validator decorators of its class. The decorators are compiled once,
 * 10 µs a message instead of 60 to 100; class-validator itself words the refusals and judges the
 * classes with groups, conditions or asynchronous rules.
 */
export function validateInput(cls: Type, value: unknown, path: readonly string[] = []): UserError[] {
  const fields = compile(cls);
  if (fields !== undefined && isValid(fields, value)) return [];
  return toErrors(judge(cls, value), path);
}

/** What class-validator says, the slow way. */
function judge(cls: Type, value: unknown): ValidationError[] {
  const instance: unknown = plainToInstance(cls, value);
  if (typeof instance !== 'object' || instance === null) throw new TypeError(`${cls.name} needs an object`);
  return validateSync(instance, { validationError: { target: false, value: false } });
}

function compile(cls: Type): CompiledClass {
  if (!compiled.has(cls)) {
    // A class inside itself: while it is being compiled it counts as one that cannot be.
    compiled.set(cls, undefined);
    compiled.set(cls, compileFields(cls));
  }
  return compiled.get(cls);
}

function compileFields(cls: Type): CompiledClass {
  const storage = getMetadataStorage();
  const rules = storage.getTargetValidationMetadatas(cls, '', false, false);
  if (rules.length === 0) return undefined;
  const fields: CompiledField[] = [];
  for (const [name, ofField] of Object.entries(storage.groupByPropertyName(rules))) {
    const checks: Check[] = [];
    let optional = false;
    for (const rule of ofField) {
      if (rule.type === 'whitelistValidation') continue;
      if (rule.type === 'conditionalValidation' && rule.name === 'isOptional') {
        optional = true;
        continue;
      }
      const check = compileRule(cls, rule);
      if (check === undefined) return undefined;
      checks.push(...check);
    }
    fields.push({ name, optional, checks });
  }
  return fields;
}

function compileRule(cls: Type, rule: ValidationRule): Check[] | undefined {
  if ((rule.groups?.length ?? 0) > 0 || rule.validateIf !== undefined) return undefined;
  if (rule.type === 'nestedValidation') return compileNested(cls, rule);
  // @IsDefined is a type of rule of its own.
  if (rule.type === 'isDefined') return [(value) => value !== undefined && value !== null];
  if (rule.type !== 'customValidation') return undefined;

  const checks: Check[] = [];
  for (const constraint of getMetadataStorage().getTargetValidatorConstraints(rule.constraintCls)) {
    if (constraint.async) return undefined;
    checks.push(compileConstraint(cls, rule, constraint.instance));
  }
  return checks;
}

function compileConstraint(cls: Type, rule: ValidationRule, constraint: ValidatorConstraintInterface): Check {
  const args = { targetName: cls.name, property: rule.propertyName, constraints: rule.constraints as unknown[] };
  return (value, object) => {
    const test = (one: unknown): boolean => constraint.validate(one, { ...args, value, object }) === true;
    return rule.each && Array.isArray(value) ? value.every(test) : test(value);
  };
}

function compileNested(cls: Type, rule: ValidationRule): Check[] | undefined {
  const nested = nestedClass(cls, rule.propertyName);
  const fields = nested === undefined ? undefined : compile(nested);
  if (fields === undefined) return undefined;
  return [
    (value) => {
      if (Array.isArray(value)) return value.every((one) => one === undefined || isValid(fields, one));
      return value === undefined || isValid(fields, value);
    },
  ];
}

/** The class that class-transformer makes of a nested value, found by letting it make one. */
function nestedClass(cls: Type, property: string): Type | undefined {
  for (const probe of [[{}], {}]) {
    const made: unknown = Reflect.get(plainToInstance(cls, { [property]: probe }) as object, property);
    const one: unknown = Array.isArray(made) ? made[0] : made;
    if (typeof one !== 'object' || one === null) continue;
    if (one.constructor !== Object && one.constructor !== Array) return one.constructor as Type;
  }
  return undefined;
}

function isValid(fields: readonly CompiledField[], value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const row = value as Row;
  return fields.every(({ name, optional, checks }) => {
    const own = row[name];
    if (optional && (own === undefined || own === null)) return true;
    return checks.every((check) => check(own, row));
  });
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  isDefined: 'REQUIRED',
  isNotEmpty: 'REQUIRED',
  arrayNotEmpty: 'REQUIRED',
  maxLength: 'TOO_LONG',
  isLength: 'TOO_LONG',
  arrayMaxSize: 'TOO_MANY',
};

function toErrors(found: readonly ValidationError[], path: readonly string[]): UserError[] {
  return found.flatMap((error) => {
    const at = error.property === undefined ? path : [...path, error.property];
    const own = Object.entries(error.constraints ?? {}).map(([rule, message]) =>
      userError(CODES[rule] ?? 'INVALID_VALUE', at, message),
    );
    return [...own, ...toErrors(error.children ?? [], at)];
  });
}
