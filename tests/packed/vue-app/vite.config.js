import vue from "@vitejs/plugin-vue";

const isCustomElement = (tag) => tag.startsWith("linchpin-");
export default { plugins: [vue({ template: { compilerOptions: { isCustomElement } } })] };
