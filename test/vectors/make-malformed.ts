/**
 * PDUs that cannot be read, with the field and the octet where it ends. Octets are counted from 0 at the first one
 * given; where a run of octets is missing, the place is where the run begins.
 */
import type { MalformedVector } from './vector.ts';
import { address, ascii, deliver, hex, type Octets, report, smsc, submit } from './writer.ts';

const HI = { septets: ascii('Hi') };

export function malformedVectors(): MalformedVector[] {
  const vectors: MalformedVector[] = [];
  const bad = (name: string, clause: string, pdu: string, field: string, octet: number, more: object = {}): void => {
    vectors.push({ name, clause, pdu, tpdu: true, field, octet, ...more });
  };
  const withSmsc = { tpdu: undefined };

  // The text itself.
  bad('nothing at all', '27.005 3.1', '', 'TP-MTI', 0);
  bad('nothing, where an SMSC should be', '27.005 3.1', '', 'SMSC', 0, withSmsc);
  bad('half an octet', '27.005 3.1', '0', 'hex', 0);
  bad('half an octet at the end', '27.005 3.1', `${hex(...deliver(HI))}0`, 'hex', deliver(HI).length);
  bad('half an octet cut off', '27.005 3.1', hex(...deliver(HI)).slice(0, -1), 'hex', deliver(HI).length - 1);
  for (const [junk, at] of [
    ['G0', 0],
    ['04ZZ', 1],
    ['04 B', 1],
    ['0x04', 0],
    ['04-1', 1],
    ['040B91é1', 3],
    ['040B9１21', 2],
    ['04\n', 1],
  ] as const) {
    // A pair with one odd character at the end of an odd number of digits is the half octet.
    const octet = junk === '04\n' ? 1 : at;
    bad(`not hexadecimal: ${JSON.stringify(junk)}`, '27.005 3.1', junk, 'hex', octet);
  }
  bad('more than a PDU can be', '27.005 3.1', '00'.repeat(257), 'hex', 256);
  bad('a megabyte', '27.005 3.1', `${'0'.repeat(600)}`, 'hex', 256);

  // The SMSC.
  bad('SMSC of 12 octets', '24.011 8.2.5.1', hex(12, 0x91, ...Array(11).fill(0x11), ...deliver(HI)), 'SMSC', 0, withSmsc);
  bad('SMSC of 255 octets', '24.011 8.2.5.1', hex(255, 0x91, ...deliver(HI)), 'SMSC', 0, withSmsc);
  bad('SMSC that is cut after its length', '24.011 8.2.5.1', '07', 'SMSC', 1, withSmsc);
  bad('SMSC that is cut in its digits', '24.011 8.2.5.1', '07912143', 'SMSC', 2, withSmsc);
  bad('SMSC with a digit after the filler', '23.040 9.1.2.3', hex(3, 0x91, 0xf1, 0x32, ...deliver(HI)), 'SMSC', 3, withSmsc);
  bad('only an SMSC', '27.005 3.1', hex(...smsc(0x91, '12025550199')), 'TP-MTI', 8, withSmsc);
  bad('only the length of an SMSC', '27.005 3.1', '00', 'TP-MTI', 1, withSmsc);

  // Cut after every octet of what comes before the text.
  cutEverywhere('SMS-DELIVER', deliver(HI), [
    ['TP-MTI', 1],
    ['TP-OA', 1],
    ['TP-OA', 1],
    ['TP-OA', 6, 'run'],
    ['TP-PID', 1],
    ['TP-DCS', 1],
    ['TP-SCTS', 7, 'run'],
    ['TP-UDL', 1],
  ]);
  cutEverywhere('SMS-SUBMIT with a relative validity', submit({ first: 0x11, vp: [1], ...HI }), [
    ['TP-MTI', 1],
    ['TP-MR', 1],
    ['TP-DA', 1],
    ['TP-DA', 1],
    ['TP-DA', 6, 'run'],
    ['TP-PID', 1],
    ['TP-DCS', 1],
    ['TP-VP', 1],
    ['TP-UDL', 1],
  ]);
  cutEverywhere('SMS-SUBMIT with an absolute validity', submit({ first: 0x19, vp: Array(7).fill(0x11), ...HI }), [
    ['TP-MTI', 1],
    ['TP-MR', 1],
    ['TP-DA', 1],
    ['TP-DA', 1],
    ['TP-DA', 6, 'run'],
    ['TP-PID', 1],
    ['TP-DCS', 1],
    ['TP-VP', 7, 'run'],
    ['TP-UDL', 1],
  ]);
  cutEverywhere('SMS-STATUS-REPORT', report({}), [
    ['TP-MTI', 1],
    ['TP-MR', 1],
    ['TP-RA', 1],
    ['TP-RA', 1],
    ['TP-RA', 6, 'run'],
    ['TP-SCTS', 7, 'run'],
    ['TP-DT', 7, 'run'],
    ['TP-ST', 1],
  ]);

  /** Fields in their order with their size; of a run the error names the first octet. */
  function cutEverywhere(name: string, octets: Octets, fields: [field: string, size: number, run?: 'run'][]): void {
    let start = 0;
    for (const [field, size, run] of fields) {
      for (let within = 0; within < size; within++) {
        const length = start + within;
        if (length > 0) {
          bad(
            `${name}: cut to ${length} octets, in ${field}`,
            '23.040 9.2.2',
            hex(...octets.slice(0, length)),
            field,
            run === undefined ? length : start,
          );
        }
      }
      start += size;
    }
  }

  // Addresses.
  for (const length of [21, 22, 40, 255]) {
    bad(
      `TP-OA of ${length} semi-octets`,
      '23.040 9.1.2.5',
      hex(...deliver({ oa: [length, 0x91, ...Array((length + 1) >> 1).fill(0x11)], ...HI })),
      'TP-OA',
      1,
    );
    bad(
      `TP-DA of ${length} semi-octets`,
      '23.040 9.1.2.5',
      hex(...submit({ da: [length, 0x91, ...Array((length + 1) >> 1).fill(0x11)], ...HI })),
      'TP-DA',
      2,
    );
  }
  bad('TP-RA of 21 semi-octets', '23.040 9.1.2.5', hex(...report({ ra: [21, 0x91, ...Array(11).fill(0x11)] })), 'TP-RA', 2);
  bad('TP-OA with a digit after the filler', '23.040 9.1.2.3', hex(...deliver({ oa: [6, 0x81, 0x21, 0xf3, 0x54], ...HI })), 'TP-OA', 5);
  bad('TP-OA with the filler first', '23.040 9.1.2.3', hex(...deliver({ oa: [4, 0x81, 0x1f, 0x32], ...HI })), 'TP-OA', 3);
  bad('TP-OA alphanumeric, cut', '23.040 9.1.2.5', '040DD0E8329B', 'TP-OA', 3);
  bad(
    'TP-DA with a digit after the filler',
    '23.040 9.1.2.3',
    hex(...submit({ da: [4, 0x81, 0xf1, 0x32], ...HI })),
    'TP-DA',
    5,
  );

  // The length of the user data.
  const udlAt = deliver(HI).length - 3;
  for (const udl of [161, 162, 200, 255]) {
    bad(`TP-UDL of ${udl} septets`, '23.040 9.2.3.16', hex(...deliver({ ...HI, udl })), 'TP-UDL', udlAt);
  }
  for (const [dcs, name] of [
    [0x04, '8-bit data'],
    [0x08, 'UCS-2'],
    [0x20, 'compressed text'],
    [0xf5, 'class 1 data'],
  ] as const) {
    for (const udl of [141, 160, 255]) {
      bad(
        `TP-UDL of ${udl} octets, ${name}`,
        '23.040 9.2.3.16',
        hex(...deliver({ dcs, octets: Array(Math.min(udl, 200)).fill(0x41), udl })),
        'TP-UDL',
        udlAt,
      );
    }
  }
  bad('TP-UDL of 161 septets in an SMS-SUBMIT', '23.040 9.2.3.16', hex(...submit({ ...HI, udl: 161 })), 'TP-UDL', submit(HI).length - 3);

  // The header. It begins behind TP-UDL.
  const headerAt = udlAt + 1;
  const front = deliver({ first: 0x44, octets: [] }).slice(0, -1);
  const header = (name: string, udl: number, octets: Octets, field: string, octet: number): void => {
    bad(`header: ${name}`, '23.040 9.2.3.24', hex(...front, udl, ...octets), field, octet);
  };
  header('there is no user data for it', 0, [], 'TP-UDHL', headerAt);
  header('longer than the user data', 3, [9, 0x00, 3], 'TP-UDH', headerAt + 1);
  header('longer than TP-UDL says, though octets follow', 3, [5, 0x00, 3, 1, 2, 1], 'TP-UDH', headerAt + 1);
  header('of 255 octets', 160, [255, ...Array(139).fill(0)], 'TP-UDH', headerAt + 1);
  header('cut after its length', 20, [5], 'TP-UDH', headerAt + 1);
  header('cut in its middle', 20, [5, 0x00, 3, 1], 'TP-UDH', headerAt + 1);
  header('cut before its length', 20, [], 'TP-UDHL', headerAt);
  header('an element without a length', 12, [1, 0x00, ...Array(9).fill(0x41)], 'TP-UDH', headerAt + 1);
  header('an element beyond the end', 12, [4, 0x00, 9, 1, 2, ...Array(6).fill(0x41)], 'TP-UDH', headerAt + 1);
  header('a second element beyond the end', 14, [8, 0x00, 3, 1, 2, 1, 0x24, 9, 1, ...Array(4).fill(0)], 'TP-UDH', headerAt + 6);
  header('a second element without a length', 12, [6, 0x00, 3, 1, 2, 1, 0x24, ...Array(4).fill(0)], 'TP-UDH', headerAt + 6);
  header('concatenation that says 255 octets', 12, [5, 0x00, 255, 1, 2, 1, ...Array(5).fill(0)], 'TP-UDH', headerAt + 1);
  bad(
    'header of UCS-2 longer than the user data',
    '23.040 9.2.3.24',
    hex(...deliver({ first: 0x44, dcs: 0x08, octets: [8, 0, 3, 1] })),
    'TP-UDH',
    headerAt + 1,
  );
  bad(
    'header in an SMS-SUBMIT, cut',
    '23.040 9.2.3.24',
    hex(...submit({ first: 0x41, octets: [5, 0, 3], udl: 20 })),
    'TP-UDH',
    submit(HI).length - 1,
  );

  // What +CMGR says about the length.
  bad('a length of 0', '27.005 4.2', hex(...deliver(HI)), 'TP-MTI', 0, { len: 0 });
  bad('a length that ends in the time', '27.005 4.2', hex(0, ...deliver(HI)), 'TP-SCTS', 12, { ...withSmsc, len: 15 });
  bad('a length that ends before the text', '27.005 4.2', hex(0, ...deliver(HI)), 'TP-UDL', 19, { ...withSmsc, len: 18 });

  // The direction, where it is known: 9.2.3.1.
  bad('SMS-SUBMIT-REPORT', '23.040 9.2.3.1', hex(...submit(HI)), 'TP-MTI', 0, { direction: 'mt' });
  bad('SMS-DELIVER-REPORT', '23.040 9.2.3.1', hex(...deliver(HI)), 'TP-MTI', 0, { direction: 'mo' });
  bad('SMS-COMMAND', '23.040 9.2.3.1', hex(...report({})), 'TP-MTI', 0, { direction: 'mo' });
  bad('reserved TP-MTI from a mobile', '23.040 9.2.3.1', hex(...deliver({ first: 0x03, ...HI })), 'TP-MTI', 0, { direction: 'mo' });
  bad('an address that is longer than the PDU', '23.040 9.1.2.5', hex(0x04, ...address(0x91, '12345678901234567890')).slice(0, 14), 'TP-OA', 3);
  return vectors;
}
