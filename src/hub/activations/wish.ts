/** What a customer wants of a number besides its country. */
import type { SimSelection } from '../../protocol/commands.ts';

export interface Wish {
  /** Names or network codes; any of them. */
  readonly operators?: readonly string[];
  /** What the number begins with behind its country code. */
  readonly areaCodes?: readonly string[];
  /** This very number, E.164: also when its service was used on it before. */
  readonly msisdn?: string;
  readonly iccid?: string;
  /** Never used for anything. */
  readonly fresh?: boolean;
}

/** How a gateway is asked for it. */
export function selectionOf(
  wish: Wish,
  country: string | null,
  excludeIccids: readonly string[],
): SimSelection {
  const { operators, areaCodes, msisdn, iccid, fresh } = wish;
  return {
    ...(iccid === undefined ? {} : { iccid }),
    ...(msisdn === undefined ? {} : { msisdn }),
    ...(country === null ? {} : { countryIso: country }),
    ...(operators === undefined || operators.length === 0 ? {} : { operators: [...operators] }),
    ...(areaCodes === undefined || areaCodes.length === 0 ? {} : { areaCodes: [...areaCodes] }),
    ...(excludeIccids.length === 0 ? {} : { excludeIccids: [...excludeIccids] }),
    ...(fresh === true ? { fresh } : {}),
  };
}

/** The operators that were asked for, whose dearest price counts; none when any will do. */
export function pricedOperators({ operators = [] }: Wish): string[] {
  return [...new Set(operators.map((name) => name.toLowerCase()))];
}
