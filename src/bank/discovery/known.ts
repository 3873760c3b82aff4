/** USB ids that say what a device is, beyond what the drivers' own tables say. */

/**
 * Whose devices are modems, as far as they have ttys at all; without a name where only the number has been met.
 * systemd/70-simbankd.rules has the same list.
 */
export const MODEM_VENDORS: Readonly<Record<string, string>> = {
  '2c7c': 'Quectel',
  '05c6': 'Qualcomm',
  '1e0e': 'SIMCom',
  '12d1': 'Huawei',
  '3566': 'Brovi',
  '19d2': 'ZTE',
  '1199': 'Sierra Wireless',
  '1bc7': 'Telit',
  '1546': 'u-blox',
  '2cb7': 'Fibocom',
  '1508': 'Fibocom',
  '1782': 'Unisoc',
  '2dee': 'MeiG',
  '2949': 'Neoway',
  '1e2d': 'Cinterion',
  '19d1': 'Luat',
  '2ecc': 'China Mobile',
  '305a': '',
  '3466': '',
  '3763': '',
};

/** Of a vendor of modems, and none: u-blox's position receivers are 1546:01a0 to 01af. */
export const NO_MODEMS = /^1546:01a/;

/** Qualcomm's download mode: a modem that has crashed, or whose firmware is half written. Whoever writes there may kill it. */
export const DOWNLOAD_MODE = '05c6:9008';

/** Huawei's sticks with firmware of their own («HiLink»): a network card with a web page. 1f01 is their CD-ROM. */
export const ROUTER_MODE: readonly string[] = ['12d1:14db', '12d1:14dc', '12d1:1f01'];

/** USB class codes (usb.org, defined class codes). */
export const CLASS = { communication: 0x02, massStorage: 0x08, vendor: 0xff } as const;

/** Drivers of interfaces that carry packets and no AT. */
export const PACKET_DRIVERS: readonly string[] = ['qmi_wwan', 'cdc_mbim'];
export const ROUTER_DRIVERS: readonly string[] = [
  'rndis_host',
  'cdc_ether',
  'cdc_ncm',
  'huawei_cdc_ncm',
  'cdc_subset',
];
