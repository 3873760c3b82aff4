import { describe, expect, it } from 'vitest';
import { placeOf, UsbTree } from '../../../src/bank/discovery/sysfs.ts';
import { temporaryDir } from '../../temporary.ts';
import { qualcomm, UsbHost } from './tree.ts';

describe('the picture', () => {
  it('is empty where there is no USB', async () => {
    expect(await new UsbTree(temporaryDir()).read()).toEqual({
      devices: [],
      ttys: { ttyUSB: 0, ttyACM: 0 },
    });
  });

  it('has devices, interfaces, drivers and ttys, and no hub', async () => {
    const host = new UsbHost(temporaryDir());
    host.plug({ address: '1-4', id: '0424:2514', class: 9, interfaces: [{ number: 0, class: 9 }] });
    const dir = host.plug(qualcomm('1-4.2', 8));
    host.plug({
      address: '1-5',
      id: '1546:1102',
      interfaces: [
        { number: 0, class: 2, subclass: 2, protocol: 1, driver: 'cdc_acm', ttys: { ttyACM0: null } },
        { number: 1, class: 10, driver: 'cdc_acm' },
      ],
    });
    const { devices, ttys } = await new UsbTree(host.root).read();
    expect(ttys).toEqual({ ttyUSB: 4, ttyACM: 1 });
    expect(devices).toMatchObject([
      {
        place: 'pci-0000:00:14.0-usb-0:4.2',
        address: '1-4.2',
        dir,
        id: '2c7c:0125',
        manufacturer: 'Quectel',
        product: 'EC25-E',
        interfaces: [
          { number: 0, class: 0xff, driver: 'option', ttys: [{ name: 'ttyUSB8', interface: 0 }] },
          { number: 1, ttys: [{ name: 'ttyUSB9' }] },
          { number: 2, ttys: [{ name: 'ttyUSB10', node: `${host.root}/dev/ttyUSB10` }] },
          { number: 3, ttys: [{ name: 'ttyUSB11' }] },
          { number: 4, driver: 'qmi_wwan', ttys: [] },
        ],
      },
      {
        place: 'pci-0000:00:14.0-usb-0:5',
        manufacturer: null,
        interfaces: [{ class: 2, subclass: 2, protocol: 1, ttys: [{ name: 'ttyACM0', interface: 0 }] }, {}],
      },
    ]);
  });

  it('knows ttys by whatever name their driver gives them', async () => {
    const host = new UsbHost(temporaryDir());
    const names = ['ttyCH9344USB7', 'ttyXRUSB0', 'ttyMXUSB12', 'ttyACM3'];
    host.plug({
      address: '1-1',
      id: '1a86:e018',
      interfaces: names.map((name, number) => ({ number, ttys: { [name]: null } })),
    });
    const [device] = (await new UsbTree(host.root).read()).devices;
    expect(device!.interfaces.map(({ ttys }) => ttys[0]?.name)).toEqual(names);
  });

  it('is the same object until something changes', async () => {
    const host = new UsbHost(temporaryDir());
    host.plug(qualcomm('1-4.2', 0));
    host.plug(qualcomm('1-4.3', 4));
    const tree = new UsbTree(host.root);
    const before = await tree.read();
    expect(await tree.read()).toBe(before);
    host.unplug('1-4.3');
    const without = await tree.read();
    expect(without.devices).toHaveLength(1);
    // What stayed was not read again.
    expect(without.devices[0]).toBe(before.devices[0]);
    host.plug(qualcomm('1-4.3', 4));
    const again = await tree.read();
    expect(again.devices).toHaveLength(2);
    expect(again.devices[1]!.devnum).toBeGreaterThan(before.devices[1]!.devnum);
  });

  it('knows when a number has become another modem’s', async () => {
    const host = new UsbHost(temporaryDir());
    host.plug(qualcomm('1-4.2', 0));
    const tree = new UsbTree(host.root);
    const [device] = (await tree.read()).devices;
    const tty = device!.interfaces[2]!.ttys[0]!;
    expect(tree.isCurrent(device!, tty)).toBe(true);
    host.unplug('1-4.2');
    expect(tree.isCurrent(device!, tty)).toBe(false);
    host.plug(qualcomm('1-4.3', 0));
    expect(tree.isCurrent(device!, tty)).toBe(false);
    host.plug(qualcomm('1-4.2', 4));
    // The same place, and its tty of that name is elsewhere.
    expect(tree.isCurrent(device!, tty)).toBe(false);
  });
});

it('two devices never have one place', async () => {
  const host = new UsbHost(temporaryDir());
  host.plug(qualcomm('1-4', 0));
  host.plug(qualcomm('3-4', 4));
  const { devices } = await new UsbTree(host.root).read();
  expect(devices.map(({ place }) => place)).toEqual([
    'pci-0000:00:14.0-usb-0:4-1-4',
    'pci-0000:00:14.0-usb-0:4-3-4',
  ]);
});

describe('places', () => {
  const usb2 = () => ' 2.00';
  it.each([
    ['pci0000:00/0000:00:14.0/usb1/1-4/1-4.2', '1-4.2', 'pci-0000:00:14.0-usb-0:4.2'],
    ['pci0000:00/0000:00:1c.4/0000:05:00.0/usb3/3-1', '3-1', 'pci-0000:05:00.0-usb-0:1'],
    [
      'platform/scb/fd500000.pcie/pci0000:00/0000:00:00.0/0000:01:00.0/usb1/1-1/1-1.2',
      '1-1.2',
      'platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.2',
    ],
    ['platform/soc/3f980000.usb/usb1/1-1/1-1.3', '1-1.3', 'platform-3f980000.usb-usb-0:1.3'],
    ['platform/vhci_hcd.0/usb5/5-1', '5-1', 'platform-vhci_hcd.0-usb-0:1'],
  ])('%s', (path, address, place) => expect(placeOf(path, address, usb2)).toBe(place));

  it('are others on the USB 3 side of the same sockets', () => {
    const place = placeOf('pci0000:00/0000:00:14.0/usb2/2-4', '2-4', (bus) =>
      bus === 'usb2' ? ' 3.10' : null,
    );
    expect(place).toBe('pci-0000:00:14.0-usbv3-0:4');
  });
});

it('a host with 512 modems and 2,048 ttys is read without holding anybody up', async () => {
  const host = new UsbHost(temporaryDir());
  for (let i = 0; i < 512; i++) {
    host.plug(qualcomm(`${1 + Math.floor(i / 128)}-${1 + (Math.floor(i / 16) % 8)}.${1 + (i % 16)}`, 4 * i));
  }
  const tree = new UsbTree(host.root);
  const figures: string[] = [];
  for (const name of ['first', 'second', 'third']) {
    let longest = 0;
    let last = performance.now();
    const tick = setInterval(() => {
      longest = Math.max(longest, performance.now() - last - 1);
      last = performance.now();
    }, 1);
    const cpu = process.cpuUsage();
    const from = performance.now();
    const picture = await tree.read();
    const tookMs = performance.now() - from;
    clearInterval(tick);
    const { user, system } = process.cpuUsage(cpu);
    figures.push(
      `${name}: ${tookMs.toFixed(0)} ms, ${((user + system) / 1000).toFixed(0)} ms of processor, longest stretch ${longest.toFixed(1)} ms`,
    );
    expect(picture.devices).toHaveLength(512);
    expect(picture.ttys.ttyUSB).toBe(2048);
  }
  console.info(figures.join('\n'));
}, 120_000);
