import { describe, expect, it } from 'vitest';
import {
  formatAddress,
  formatBlock,
  overlap,
  parseAddress,
  parseBlock,
} from '../../../../helper-daemon/networks/ipv4';
import { freeSubnet } from '../../../../helper-daemon/networks/subnet-pool';

describe('subnets', () => {
  it('reads and writes addresses and blocks', () => {
    expect(formatAddress(parseAddress('192.168.255.1'))).toBe('192.168.255.1');
    expect(formatBlock(parseBlock('172.31.255.255/12'))).toBe('172.16.0.0/12');
    expect(overlap(parseBlock('10.0.0.0/8'), parseBlock('10.255.255.0/24'))).toBe(true);
    expect(overlap(parseBlock('10.0.0.0/24'), parseBlock('10.0.1.0/24'))).toBe(false);
  });

  it('goes around every route, smaller or larger than itself', () => {
    const taken = ['172.16.0.0/16', '172.17.0.5/32', '172.17.4.0/22'].map(parseBlock);
    expect(formatBlock(freeSubnet(parseBlock('172.16.0.0/12'), taken))).toBe('172.17.8.0/22');
  });

  it('says so when there is none', () => {
    expect(() => freeSubnet(parseBlock('172.16.0.0/12'), [parseBlock('172.0.0.0/8')])).toThrow(
      /could not find an available/,
    );
  });
});
