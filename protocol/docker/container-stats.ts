import { z } from 'zod';

/** Nanoseconds of CPU time. */
export const cpuStats = z.object({
  cpu_usage: z.object({
    total_usage: z.number(),
    percpu_usage: z.array(z.number()).optional(),
    usage_in_kernelmode: z.number(),
    usage_in_usermode: z.number(),
  }),
  system_cpu_usage: z.number().optional(),
  online_cpus: z.number().optional(),
  throttling_data: z.object({
    periods: z.number(),
    throttled_periods: z.number(),
    throttled_time: z.number(),
  }),
});
export type CpuStats = z.output<typeof cpuStats>;

export const blkioEntry = z.object({
  major: z.number(),
  minor: z.number(),
  op: z.string(),
  value: z.number(),
});
const blkioEntries = z.array(blkioEntry).nullable();

/** One sample of `GET /containers/{id}/stats`. `precpu_stats` is the sample before. */
export const containerStats = z.object({
  name: z.string(),
  id: z.string(),
  read: z.string(),
  preread: z.string(),
  num_procs: z.number(),
  pids_stats: z.object({ current: z.number().optional(), limit: z.number().optional() }),
  cpu_stats: cpuStats,
  precpu_stats: cpuStats,
  memory_stats: z.object({
    usage: z.number().optional(),
    max_usage: z.number().optional(),
    stats: z.record(z.string(), z.number()).optional(),
    failcnt: z.number().optional(),
    limit: z.number().optional(),
  }),
  blkio_stats: z.object({
    io_service_bytes_recursive: blkioEntries,
    io_serviced_recursive: blkioEntries,
    io_queue_recursive: blkioEntries,
    io_service_time_recursive: blkioEntries,
    io_wait_time_recursive: blkioEntries,
    io_merged_recursive: blkioEntries,
    io_time_recursive: blkioEntries,
    sectors_recursive: blkioEntries,
  }),
  networks: z
    .record(
      z.string(),
      z.object({
        rx_bytes: z.number(),
        rx_packets: z.number(),
        rx_errors: z.number(),
        rx_dropped: z.number(),
        tx_bytes: z.number(),
        tx_packets: z.number(),
        tx_errors: z.number(),
        tx_dropped: z.number(),
      }),
    )
    .optional(),
  storage_stats: z.object({}),
});
export type ContainerStats = z.output<typeof containerStats>;
