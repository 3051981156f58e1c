import {
  type InfiniteData,
  useInfiniteQuery,
  type UseInfiniteQueryResult,
  useQuery,
  type UseQueryResult,
} from "@tanstack/react-query";
import type { Job, JobsPage, JobStatus, PipelineFiles, PipelineState, Preview } from "./api/types";
import { isOver, refreshEvery, withoutDoubles } from "./jobs";
import { useServices } from "./services";

const PAGE = 25;
const JOB_MS = 1_500;
const PIPELINE_MS = 15_000;
export const PREVIEW_ROWS = 100;

/** The caller's jobs, newest first; refreshes itself. */
export function useJobs(status?: JobStatus): UseInfiniteQueryResult<Job[]> {
  const { api } = useServices();
  return useInfiniteQuery({
    queryKey: ["jobs", status ?? "all"],
    queryFn: ({ pageParam, signal }) => api.jobs({ status, limit: PAGE, nextToken: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextToken ?? undefined,
    select: jobsOf,
    // A refresh asks for every page that is shown.
    refetchInterval: ({ state }) => (state.data ? refreshEvery(jobsOf(state.data), Date.now()) * state.data.pages.length : false),
  });
}

function jobsOf(data: InfiniteData<JobsPage>): Job[] {
  return withoutDoubles(data.pages.flatMap((page) => page.jobs));
}

/** One job; refreshes itself until it is over. */
export function useJob(jobId: string): UseQueryResult<Job> {
  const { api } = useServices();
  return useQuery({
    queryKey: ["job", jobId],
    queryFn: ({ signal }) => api.job(jobId, signal),
    refetchInterval: ({ state }) => (state.data && isOver(state.data.status) ? false : JOB_MS),
  });
}

/** The first rows of a result that is ready. */
export function usePreview(jobId: string): UseQueryResult<Preview> {
  const { api } = useServices();
  return useQuery({
    queryKey: ["preview", jobId],
    queryFn: ({ signal }) => api.preview(jobId, PREVIEW_ROWS, signal),
    // A result never changes.
    staleTime: Infinity,
  });
}

export function usePipeline(): UseQueryResult<PipelineState> {
  const { api } = useServices();
  return useQuery({
    queryKey: ["pipeline"],
    queryFn: ({ signal }) => api.pipeline(signal),
    refetchInterval: ({ state }) => (state.error ? false : PIPELINE_MS),
  });
}

/** What the pipeline wrote for a day, `YYYY-MM-DD`. */
export function usePipelineFiles(date: string): UseInfiniteQueryResult<PipelineFiles["files"]> {
  const { api } = useServices();
  return useInfiniteQuery({
    queryKey: ["pipeline-files", date],
    queryFn: ({ pageParam, signal }) => api.pipelineFiles(date, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextToken ?? undefined,
    select: (data: InfiniteData<PipelineFiles>) => data.pages.flatMap((page) => page.files),
    enabled: /^\d{4}-\d{2}-\d{2}$/.test(date),
  });
}
