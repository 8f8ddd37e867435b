import { describe, expect, it } from '@jest/globals';
import { plainToInstance, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
  ValidateNested,
  validateSync,
} from 'class-validator';
import fc from 'fast-check';
import { validateInput } from './input-validator.js';

class Mailbox {
  @IsString()
  @MaxLength(20)
  @MinLength(3)
  address: string;

  @IsOptional()
  @IsString()
  @MaxLength(5)
  name?: string;
}

class Base {
  @IsOptional()
  @IsBoolean()
  hold?: boolean;
}

class Message extends Base {
  @IsDefined()
  @ValidateNested()
  @Type(() => Mailbox)
  from: Mailbox;

  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(3)
  @ValidateNested({ each: true })
  @Type(() => Mailbox)
  to: Mailbox[];

  @IsOptional()
  @IsString({ each: true })
  @Matches(/^[a-z]+$/, { each: true })
  tags?: string[];

  @IsInt()
  @Min(1)
  @Max(9)
  count: number;

  @IsOptional()
  @IsIn(['A', 'B'])
  kind?: string;
}

class Batch {
  @ValidateNested({ each: true })
  @Type(() => Message)
  messages: Message[];
}

class Conditional {
  @ValidateIf((row: Conditional) => row.kind === 'x')
  @IsString()
  value?: unknown;

  @IsString()
  kind: string;
}

const truth = (cls: new () => object, value: object): boolean => validateSync(plainToInstance(cls, value)).length === 0;

const junk = fc.oneof(
  fc.constant(undefined),
  fc.constant(null),
  fc.integer({ min: -2, max: 12 }),
  fc.string({ maxLength: 8 }),
  fc.constant([]),
  fc.constant({}),
  fc.boolean(),
);
const or = <T>(good: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 12, arbitrary: good as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: junk });
const mailbox = fc.record({
  address: or(fc.string({ minLength: 3, maxLength: 22 })),
  name: or(fc.string({ maxLength: 6 })),
});
const message = fc.record(
  {
    hold: or(fc.boolean()),
    from: or(mailbox),
    to: or(fc.array(or(mailbox), { minLength: 1, maxLength: 4 })),
    tags: or(fc.array(or(fc.stringMatching(/^[a-z]{1,3}$/)), { maxLength: 3 })),
    count: or(fc.integer({ min: 1, max: 9 })),
    kind: or(fc.constantFrom('A', 'B')),
  },
  { requiredKeys: ['count'] },
);

describe('validateInput', () => {
  it('agrees with class-validator on generated inputs', () => {
    let refused = 0;
    fc.assert(
      fc.property(message, (value) => {
        const valid = truth(Message, value);
        if (!valid) refused += 1;
        expect(validateInput(Message, value).length === 0).toBe(valid);
      }),
      { numRuns: 5000 },
    );
    expect(refused).toBeGreaterThan(300);
    expect(refused).toBeLessThan(4900);
  });

  it('checks every element of a list inside a wrapper', () => {
    const good = { from: { address: 'a@b.example' }, to: [{ address: 'c@d.example' }], count: 1 };
    expect(validateInput(Batch, { messages: [good, good] })).toEqual([]);
    const errors = validateInput(Batch, { messages: [good, { ...good, to: [{ address: 'x'.repeat(21) }] }] }, [
      'input',
    ]);
    expect(errors).toMatchObject([{ code: 'TOO_LONG', path: ['input', 'messages', '1', 'to', '0', 'address'] }]);
  });

  it('names the missing, the long, the many and the malformed', () => {
    const errors = validateInput(Message, {
      to: Array.from({ length: 4 }, () => ({ address: 'c@d.example' })),
      tags: ['UP'],
      count: 1,
    });
    expect(errors.map((error) => [error.code, error.path.join('.')])).toEqual(
      expect.arrayContaining([
        ['REQUIRED', 'from'],
        ['TOO_MANY', 'to'],
        ['INVALID_VALUE', 'tags'],
      ]),
    );
  });

  it('leaves conditional rules to class-validator', () => {
    expect(validateInput(Conditional, { kind: 'y', value: 1 })).toEqual([]);
    expect(validateInput(Conditional, { kind: 'x', value: 1 })).toMatchObject([{ path: ['value'] }]);
  });

  it('takes the objects without prototype that graphql-js makes', () => {
    const value: Record<string, unknown> = Object.assign(Object.create(null) as object, { address: 'x' });
    expect(validateInput(Mailbox, value)).toMatchObject([{ code: 'INVALID_VALUE', path: ['address'] }]);
  });
});
