import { beforeAll, describe, expect, it } from 'vitest';
import { MODEM_VENDORS } from '../../../src/bank/discovery/known.ts';
import type { NamedPort } from '../../../src/bank/discovery/named.ts';
import { planPorts } from '../../../src/bank/discovery/ports.ts';
import type { UsbDevice, UsbInterface } from '../../../src/bank/discovery/sysfs.ts';
import { loadDrivers } from '../../../src/commands/drivers.ts';
import { type Driver, defineDriver } from '../../../src/modem/driver.ts';

let drivers: readonly Driver[];
beforeAll(async () => {
  drivers = await loadDrivers();
});

let nextTty = 0;
interface Part extends Partial<Omit<UsbInterface, 'ttys'>> {
  readonly number: number;
  readonly ttys?: number;
}

function device(id: string, parts: readonly (number | Part)[], place = 'usb-0:1'): UsbDevice {
  return {
    place,
    address: '1-1',
    dir: '/sys/devices/x/usb1/1-1',
    id,
    class: 0,
    devnum: 7,
    manufacturer: null,
    product: null,
    interfaces: parts.map((part) => {
      const { ttys = 1, ...rest } = typeof part === 'number' ? { number: part } : part;
      return {
        class: 0xff,
        subclass: 0,
        protocol: 0,
        driver: ttys > 0 ? 'option' : null,
        ...rest,
        ttys: Array.from({ length: ttys }, () => {
          const name = `ttyUSB${nextTty++}`;
          return { name, node: `/dev/${name}`, interface: rest.number };
        }),
      };
    }),
  };
}

function plan(
  devices: readonly UsbDevice[],
  options: { named?: NamedPort[]; usb?: boolean; drivers?: Driver[] } = {},
) {
  const { named = [], usb = true } = options;
  const picture = { devices, ttys: { ttyUSB: 0, ttyACM: 0 } };
  return planPorts({ picture, drivers: options.drivers ?? drivers, named, usb });
}

const interfaces = ({ candidates }: { candidates: readonly { tty: { interface: number } | null }[] }) =>
  candidates.map(({ tty }) => tty?.interface);
const named = (path: string, node: string | null, more: Partial<NamedPort> = {}): NamedPort => ({
  path,
  node,
  byGlob: false,
  baudRate: 115_200,
  ...more,
});
const nodeOf = (of: UsbDevice, number: number): string =>
  of.interfaces.find((one) => one.number === number)!.ttys[0]!.node;

describe('the AT port of a modem', () => {
  const SEVEN = [0, 1, 2, 3, 4, 5, 6];
  const ALL = [...SEVEN, 7, 8];
  it.each<[string, string, readonly number[], readonly number[]]>([
    ['Quectel EC21', '2c7c:0121', [0, 1, 2, 3], [2, 3]],
    ['Quectel EC25, EG25-G', '2c7c:0125', [0, 1, 2, 3], [2, 3]],
    ['Quectel EP06, EG06, EM06', '2c7c:0306', [0, 1, 2, 3], [2, 3]],
    ['Quectel EG91', '2c7c:0191', [0, 1, 2, 3], [2, 3]],
    ['Quectel EG95', '2c7c:0195', [0, 1, 2, 3], [2, 3]],
    ['Quectel BG96', '2c7c:0296', [0, 1, 2, 3], [2, 3]],
    ['Quectel EG12', '2c7c:0512', [0, 1, 2, 3], [2, 3]],
    ['Quectel RM500Q', '2c7c:0800', [0, 1, 2, 3], [2, 3]],
    ['Quectel RM520N', '2c7c:0801', [0, 1, 2, 3], [2, 3]],
    ['Quectel EM060K', '2c7c:0128', [3, 4, 5], [5]],
    ['Quectel EC20, old', '05c6:9215', [0, 1, 2, 3], [2, 3]],
    ['Quectel UC20', '05c6:9003', [0, 1, 2, 3], [2, 3]],
    ['Quectel UC15', '05c6:9090', [0, 1, 2, 3], [2, 3]],
    ['Quectel EG916Q', '2c7c:6007', [0, 1, 2, 3], [2, 3]],
    ['SIMCom SIM7000 to SIM7600', '1e0e:9001', [0, 1, 2, 3, 4], [2, 3]],
    ['SIMCom SIM7070', '1e0e:9205', [0, 2, 3], [2]],
    ['SIMCom SIM7080', '1e0e:9206', [0, 2, 5], [2]],
    ['SIMCom A7670', '1e0e:9011', [2, 4, 5], [4, 5]],
    ['SIMCom, older', '1e0e:9100', [0, 1, 2, 3], [3, 1]],
    ['SIMCom, older', '1e0e:9200', [0, 1, 2, 3], [3, 1]],
    ['SIMCom, older', '1e0e:cefe', [0, 1, 2, 3], [2, 0, 1]],
    ['ZTE 0031', '19d2:0031', [0, 1, 2, 3], [3]],
    ['ZTE 0117', '19d2:0117', [0, 1, 2, 3], [2]],
    ['ZTE 0016', '19d2:0016', [0, 1, 2], [2]],
    ['ZTE 0017', '19d2:0017', [0, 1, 2], [2]],
    ['ZTE 1515', '19d2:1515', [0, 1, 2], [0]],
    ['ZTE 0125', '19d2:0125', SEVEN, [5]],
    ['Sierra MC74xx, EM7455', '1199:9071', [0, 2, 3], [3]],
    ['Sierra MC7304, MC7354', '1199:68c0', [0, 2, 3], [3]],
    ['Sierra EM7565', '1199:9091', [0, 2, 3], [3]],
    ['Sierra 9079', '1199:9079', [0, 2, 3], [3]],
    ['Sierra HL7812', '1199:c001', [0, 2, 4], [0]],
    ['Telit LE910C1', '1bc7:1201', SEVEN, [4, 5]],
    ['Telit LE910C1, MBIM', '1bc7:1204', SEVEN, [5, 6]],
    ['Telit 1031', '1bc7:1031', SEVEN, [1, 2]],
    ['Telit 1033', '1bc7:1033', SEVEN, [1, 2]],
    ['Telit 1040', '1bc7:1040', SEVEN, [4, 5]],
    ['Telit 1070', '1bc7:1070', SEVEN, [4, 5]],
    ['Telit 1041', '1bc7:1041', SEVEN, [5, 6]],
    ['Telit 1071', '1bc7:1071', SEVEN, [5, 6]],
    ['Telit 1003', '1bc7:1003', [0, 1, 2], [0, 2]],
    ['Telit 1006', '1bc7:1006', [0, 1, 2], [0, 2]],
    ['Telit 1004', '1bc7:1004', [0, 1, 2, 3], [0, 3]],
    ['Telit 1005', '1bc7:1005', [0, 1, 2, 3], [0, 3]],
    ['Telit ME910', '1bc7:1101', [0, 1, 2], [1, 2]],
    ['Telit LE910S1', '1bc7:7010', SEVEN, [4, 3]],
    ['Telit LE910S1', '1bc7:7011', SEVEN, [4, 3]],
    ['Telit LE910Q1', '1bc7:7020', SEVEN, [6, 2]],
    ['Telit LE910Q1', '1bc7:7021', SEVEN, [6, 2]],
    ['u-blox SARA-U2', '1546:1102', [0, 2, 4, 6, 8], [0, 2, 4]],
    ['u-blox 1107', '1546:1107', [0, 2, 4, 6, 8], [0, 2, 4]],
    ['u-blox TOBY-R2', '1546:110a', [0, 2, 4, 6, 8], [0, 2, 4]],
    ['u-blox TOBY-L4', '1546:1010', [0, 2, 4, 6], [6]],
    ['u-blox LARA-R6', '05c6:908b', [0, 1, 2], [1, 2]],
    ['Fibocom L610', '1782:4d10', SEVEN, [0, 5, 6]],
    ['Fibocom L610', '1782:4d11', ALL, [2, 7, 8]],
    ['Fibocom L716', '2cb7:0001', [2, 3, 4, 5], [2, 4]],
    ['Fibocom NL668', '1508:1001', [0, 1, 2, 3], [1, 2, 3]],
    ['Fibocom NL668-AM', '2cb7:01a0', [0, 1, 2, 3], [2, 3]],
    ['Fibocom NL678', '2cb7:0104', [0, 1, 2, 3], [1, 2]],
    ['Fibocom L850, L860', '2cb7:0007', SEVEN, [2, 6]],
    ['MeiG SLM750', '05c6:f601', [0, 1, 2, 3], [2, 1]],
    ['MeiG SLM720', '2dee:4d07', [0, 1, 2, 3], [2, 3]],
    ['MeiG SLM790', '2dee:4d20', [0, 1, 2, 3], [2]],
    ['Cinterion PLS8, PHS8', '1e2d:0061', [0, 2, 4], [2, 0]],
    ['Cinterion PLS62', '1e2d:005b', [0, 2, 4], [0, 2]],
    ['Cinterion PLS62', '1e2d:005d', [0, 2, 4], [0, 2]],
    ['Cinterion PLS63', '1e2d:0069', [0, 2, 4], [0, 2]],
    ['Cinterion PLS83', '1e2d:006f', [0, 2, 4], [0, 2]],
    ['Cinterion MV31', '1e2d:00b3', [2, 3], [2]],
    ['Cinterion MV32', '1e2d:00f1', [2, 3], [2]],
    ['Luat Air780E', '19d1:0001', [2, 4, 6], [2, 6]],
    ['Luat Air724UG', '1782:4e00', [0, 1, 2, 3], [0, 3]],
    ['China Mobile ML307', '2ecc:3012', [0, 1, 2], [2]],
  ])('%s (%s) is known by number', (_name, id, present, expected) => {
    const { wanted, leftAlone } = plan([device(id, present)]);
    expect(wanted).toHaveLength(1);
    expect(interfaces(wanted[0]!)).toEqual(expected);
    expect(wanted[0]).toMatchObject({ key: 'usb:usb-0:1', name: 'usb-0:1', certain: true });
    expect(leftAlone).toEqual([]);
  });

  it.each([
    '12d1:1001',
    '12d1:1406',
    '12d1:140c',
    '12d1:1436',
    '12d1:1506',
    '12d1:155e',
    '12d1:15c1',
    '12d1:1573',
  ])('of a Huawei (%s) is known by protocol, not by number', (id) => {
    const modem = device(id, [
      { number: 0, subclass: 2, protocol: 1 },
      { number: 1, subclass: 2, protocol: 5 },
      { number: 2, subclass: 2, protocol: 2 },
      { number: 3, subclass: 2, protocol: 0x14 },
    ]);
    const [port] = plan([modem]).wanted;
    expect(interfaces(port!)).toEqual([2, 0]);
    expect(port!.certain).toBe(true);
  });

  it.each([
    ['Quectel EC200U', '2c7c:0901'],
    ['Quectel EG912Y', '2c7c:6001'],
    ['Quectel EC200S', '2c7c:6002'],
    ['Quectel EC200A', '2c7c:6005'],
    ['Quectel EC200T', '2c7c:6026'],
    ['Brovi E3372-325', '3566:2001'],
    ['a ZTE that no table has', '19d2:1999'],
    ['MeiG SRM815', '2dee:4d22'],
    ['MeiG SLM320', '2dee:4d41'],
    ['Fibocom 0106', '2cb7:0106'],
    ['u-blox TOBY-L2', '1546:1146'],
    ['Cinterion EHS5 and kin', '1e2d:0058'],
    ['a Telit that no table has', '1bc7:9999'],
  ])('%s (%s) has to be asked for, the likeliest first', (_name, id) => {
    const [port] = plan([device(id, [0, 1, 2, 3])]).wanted;
    expect(port!.certain).toBe(false);
    expect(interfaces(port!)).toEqual([2, 3, 1, 0]);
  });

  it('asks a CDC port first that says it takes V.250 commands', () => {
    const modem = device('1bc7:9999', [2, { number: 6, class: 2, subclass: 2, protocol: 1 }]);
    expect(interfaces(plan([modem]).wanted[0]!)).toEqual([6, 2]);
  });

  it('is never an interface that a table forbids, even where the table names none', () => {
    const strict = defineDriver({
      name: 'x',
      title: 'X',
      usb: [{ id: '2c7c:7777', at: [], never: [0, 2] }],
    });
    const [port] = plan([device('2c7c:7777', [0, 1, 2, 3])], { drivers: [strict] }).wanted;
    expect(interfaces(port!)).toEqual([3, 1]);
  });

  it('every vendor of a table is one whose devices are modems', () => {
    const vendors = new Set(drivers.flatMap(({ usb }) => usb.map(({ id }) => id.slice(0, 4))));
    expect([...vendors].filter((vendor) => MODEM_VENDORS[vendor] === undefined)).toEqual([]);
  });
});

describe('what is left alone', () => {
  const storage = { number: 0, class: 8, ttys: 0, driver: 'usb-storage' };
  it.each<[string, string, readonly (number | Part)[], string, RegExp]>([
    [
      '12d1:14dc',
      'usb.router_mode',
      [{ number: 0, class: 2, ttys: 0, driver: 'cdc_ether' }, storage],
      'HiLink',
      /stick/,
    ],
    [
      '12d1:14db',
      'usb.router_mode',
      [{ number: 0, class: 2, ttys: 0, driver: 'cdc_ether' }],
      'HiLink',
      /stick/,
    ],
    ['12d1:1f01', 'usb.router_mode', [storage], 'HiLink', /stick/],
    [
      '19d2:1405',
      'usb.router_mode',
      [{ number: 0, class: 0xe0, ttys: 0, driver: 'rndis_host' }],
      'HiLink',
      /modem/,
    ],
    ['05c6:9008', 'usb.download_mode', [0], 'download', /flash/],
    ['12d1:1446', 'usb.cd_rom', [storage], 'CD-ROM', /usb-modeswitch/],
    ['12d1:14fe', 'usb.cd_rom', [storage], 'CD-ROM', /usb-modeswitch/],
    ['19d2:2000', 'usb.cd_rom', [storage], 'CD-ROM', /usb-modeswitch/],
    ['2ecc:3012', 'usb.no_driver', [{ number: 2, ttys: 0 }], 'option', /echo 2ecc 3012 > /],
    ['2c7c:8101', 'usb.no_driver', [{ number: 2, ttys: 0 }], 'option', /new_id/],
    [
      '1199:9071',
      'usb.mbim_only',
      [{ number: 12, class: 2, ttys: 0, driver: 'cdc_mbim' }],
      'MBIM',
      /serial ports/,
    ],
    ['2c7c:0801', 'usb.mbim_only', [{ number: 4, ttys: 0, driver: 'qmi_wwan' }], 'QMI', /serial ports/],
  ])('%s: %s', (id, code, parts, why, remedy) => {
    const { wanted, leftAlone } = plan([device(id, parts)]);
    expect(wanted).toEqual([]);
    expect(leftAlone).toMatchObject([{ code, where: 'usb-0:1' }]);
    expect(leftAlone[0]!.why).toContain(why);
    expect(leftAlone[0]!.remedy).toMatch(remedy);
    expect(leftAlone[0]!.what).toContain(id);
  });

  it('a serial line that nobody has named, and a position receiver of a vendor of modems', () => {
    const { wanted, leftAlone } = plan([device('1a86:7523', [0]), device('1546:01a8', [0])]);
    expect(wanted).toEqual([]);
    expect(leftAlone.map(({ code }) => code)).toEqual(['usb.unnamed', 'usb.unnamed']);
  });

  it('nothing of a disk or a keyboard', () => {
    expect(plan([device('0781:5581', [{ number: 0, class: 8, ttys: 0 }])])).toMatchObject({
      wanted: [],
      leftAlone: [],
    });
  });

  it('modems that are not asked for, without a word', () => {
    expect(plan([device('2c7c:0125', [0, 1, 2, 3])], { usb: false })).toMatchObject({
      wanted: [],
      leftAlone: [],
    });
  });

  it('a modem in download mode even where its tty is named', () => {
    const crashed = device('05c6:9008', [0]);
    const path = '/dev/serial/by-path/x:1.0-port0';
    const { wanted, leftAlone } = plan([crashed], { named: [named(path, nodeOf(crashed, 0))], usb: false });
    expect(wanted).toMatchObject([
      { name: 'x:1.0-port0', refusal: expect.stringContaining('download mode') },
    ]);
    expect(leftAlone).toMatchObject([{ code: 'usb.download_mode' }]);
  });
});

describe('ports of the configuration', () => {
  const pool = () =>
    device(
      '0403:6011',
      [0, 1, 2, 3].map((number) => ({ number, driver: 'ftdi_sio' })),
      'usb-0:9',
    );

  it('a glob over a board with four UARTs gives four ports', () => {
    const board = pool();
    const ports = [0, 1, 2, 3].map((n) => named(`/by-path/x:1.${n}`, nodeOf(board, n), { byGlob: true }));
    const { wanted, leftAlone } = plan([board], { named: ports, usb: false });
    expect(wanted.map(({ name }) => name)).toEqual(['x:1.0', 'x:1.1', 'x:1.2', 'x:1.3']);
    expect(wanted.every(({ isModem }) => !isModem)).toBe(true);
    expect(leftAlone).toEqual([]);
  });

  it('a glob over a composite modem gives one: its AT port, by the name it always had', () => {
    const modem = device('2c7c:0125', [0, 1, 2, 3]);
    const ports = [0, 1, 2, 3].map((n) =>
      named(`/by-path/x:1.${n}-port0`, nodeOf(modem, n), { byGlob: true }),
    );
    const { wanted, taken } = plan([modem], { named: ports, usb: false });
    expect(wanted).toMatchObject([{ key: 'path:/by-path/x:1.2-port0', name: 'x:1.2-port0', certain: true }]);
    expect(wanted[0]!.candidates.map(({ path }) => path)).toEqual([
      '/by-path/x:1.2-port0',
      '/by-path/x:1.3-port0',
    ]);
    expect([...taken]).toEqual(['/by-path/x:1.0-port0', '/by-path/x:1.1-port0', '/by-path/x:1.3-port0']);
  });

  it('a glob that finds one tty of a modem has chosen, unless that one must not be written to', () => {
    const modem = device('2c7c:0125', [0, 1, 2, 3]);
    const glob = (n: number) => [named(`/dev/x${n}`, nodeOf(modem, n), { byGlob: true })];
    expect(plan([modem], { named: glob(3), usb: false }).wanted).toMatchObject([
      { name: 'x3', certain: true },
    ]);
    const { wanted, leftAlone } = plan([modem], { named: glob(0), usb: false });
    expect(wanted).toEqual([]);
    expect(leftAlone).toMatchObject([{ code: 'usb.no_at_port' }]);
  });

  it('a port that is named itself is taken as it is, and wins over a glob and over USB', () => {
    const modem = device('2c7c:0125', [0, 1, 2, 3]);
    const { wanted } = plan([modem], {
      named: [
        named('/by-path/x:1.3', nodeOf(modem, 3), { slot: 'A03', driver: 'quectel-ec25' }),
        ...[0, 1, 2, 3].map((n) => named(`/by-path/x:1.${n}`, nodeOf(modem, n), { byGlob: true })),
      ],
    });
    expect(wanted).toMatchObject([
      { name: 'A03', driver: 'quectel-ec25', candidates: [{ path: '/by-path/x:1.3' }] },
    ]);
  });

  it('one tty by two names is one port', () => {
    const board = pool();
    const node = nodeOf(board, 1);
    const { wanted, taken, leftAlone } = plan([board], {
      named: [
        named('/dev/ttyUSB9', node),
        named('/by-id/x', node),
        named('/by-path/x', node, { byGlob: true }),
      ],
    });
    expect(wanted.map(({ name }) => name)).toEqual(['ttyUSB9']);
    expect([...taken]).toEqual(['/by-id/x', '/by-path/x']);
    expect(leftAlone).toMatchObject([
      { code: 'port.twice', where: '/by-id/x', why: expect.stringContaining('ttyUSB9') },
    ]);
  });

  it('what is no USB tty is a port of its own, there or not', () => {
    const { wanted } = plan([], {
      named: [
        named('tcp://10.0.0.9:4001', null, { slot: 'B01' }),
        named('/dev/ttyS4', null),
        named('/tmp/modem-000', null, { byGlob: true }),
        named('/dev/ttyS4', null),
      ],
    });
    expect(wanted.map(({ name }) => name)).toEqual(['B01', 'ttyS4', 'modem-000']);
  });
});
