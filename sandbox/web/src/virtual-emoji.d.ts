declare module "virtual:emoji" {
  const pictures: [name: string, character: string, body: string][];
  export default pictures;
}
