/** The error codes of 27.007 §9.2.1 and 27.005 §3.2.5 that a bank meets, and what they mean. */

export const FAMILIES = ['CME', 'CMS'] as const;
export type Family = (typeof FAMILIES)[number];

/** One word for what both families, and numbers and texts alike, may say. */
export type Reason =
  | 'sim-absent'
  | 'sim-pin'
  | 'sim-puk'
  | 'sim-failure'
  | 'sim-busy'
  | 'sim-wrong'
  | 'not-allowed'
  | 'not-supported'
  | 'invalid-index'
  | 'memory-full'
  | 'no-service';

export const MEANING: Record<Family, Readonly<Record<number, string>>> = {
  CME: {
    0: 'phone failure',
    3: 'operation not allowed',
    4: 'operation not supported',
    5: 'PH-SIM PIN required',
    10: 'SIM not inserted',
    11: 'SIM PIN required',
    12: 'SIM PUK required',
    13: 'SIM failure',
    14: 'SIM busy',
    15: 'SIM wrong',
    16: 'incorrect password',
    17: 'SIM PIN2 required',
    18: 'SIM PUK2 required',
    20: 'memory full',
    21: 'invalid index',
    22: 'not found',
    23: 'memory failure',
    30: 'no network service',
    31: 'network timeout',
    32: 'network not allowed: emergency calls only',
    50: 'incorrect parameters',
    100: 'unknown',
    515: 'please wait',
  },
  CMS: {
    // Below 128: what the network said of a message that was to be sent (24.011 §E.2).
    1: 'the number is unassigned',
    8: 'the operator bars it',
    10: 'calls are barred',
    17: 'network failure',
    21: 'the network rejected the message',
    22: 'the memory of the recipient is full',
    27: 'the recipient is out of service',
    28: 'the network does not know the subscriber',
    29: 'the facility was rejected',
    30: 'the network does not know the recipient',
    38: 'the network is out of order',
    41: 'temporary failure of the network',
    42: 'the network is congested',
    47: 'the network has no resources left',
    50: 'this SIM may not send messages',
    69: 'the network does not offer this',
    81: 'invalid reference',
    95: 'the message is wrong',
    96: 'the message lacks something',
    97: 'the network does not know this kind of message',
    98: 'the message does not fit its state',
    99: 'the message has an element the network does not know',
    111: 'protocol error',
    127: 'interworking failed',
    // 128 to 255: what the service centre or the recipient said (23.040 §9.2.3.22).
    144: 'the recipient does not support this kind of message',
    195: 'invalid address of the service centre',
    197: 'the service centre does not know the subscriber',
    208: 'the SIM of the recipient is full',
    210: 'error in the recipient',
    211: 'the memory of the recipient is full',
    213: 'the SIM of the recipient has no such application',
    300: 'ME failure',
    301: 'SMS service of ME reserved',
    302: 'operation not allowed',
    303: 'operation not supported',
    304: 'invalid PDU mode parameter',
    305: 'invalid text mode parameter',
    310: 'SIM not inserted',
    311: 'SIM PIN required',
    313: 'SIM failure',
    314: 'SIM busy',
    315: 'SIM wrong',
    316: 'SIM PUK required',
    317: 'SIM PIN2 required',
    318: 'SIM PUK2 required',
    320: 'memory failure',
    321: 'invalid memory index',
    322: 'memory full',
    330: 'SMSC address unknown',
    331: 'no network service',
    332: 'network timeout',
    340: 'no +CNMA acknowledgement expected',
    500: 'unknown error',
    512: 'the store is busy',
    515: 'please wait',
  },
};

/** As modems spell them otherwise, by `spelling`. */
export const OTHER_SPELLINGS: Record<Family, Readonly<Record<string, number>>> = {
  CME: {
    'no sim': 10,
    'no sim card': 10,
    'sim card not inserted': 10,
    'emergency calls only': 32,
    'please wait init or command processing in progress': 515,
    'device busy': 515,
  },
  CMS: {
    'please wait init or command processing in progress': 515,
    'device busy': 515,
  },
};

export const REASON: Readonly<Record<number, Reason>> = {
  3: 'not-allowed',
  302: 'not-allowed',
  4: 'not-supported',
  303: 'not-supported',
  10: 'sim-absent',
  310: 'sim-absent',
  11: 'sim-pin',
  311: 'sim-pin',
  12: 'sim-puk',
  316: 'sim-puk',
  13: 'sim-failure',
  313: 'sim-failure',
  14: 'sim-busy',
  314: 'sim-busy',
  15: 'sim-wrong',
  315: 'sim-wrong',
  20: 'memory-full',
  322: 'memory-full',
  21: 'invalid-index',
  321: 'invalid-index',
  30: 'no-service',
  331: 'no-service',
};
